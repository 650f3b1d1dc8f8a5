"""The REST of records."""

from typing import Any

from contracts.example_values import EXAMPLE_VALUES
from services.records.clusters import routes as clusters
from services.records.complaints import office_routes as complaint_office
from services.records.complaints import routes as complaints
from services.records.doses import routes as doses
from services.records.histories import routes as histories
from services.records.live import routes as batch_events
from services.records.own_doses import routes as own_doses
from services.records.people import routes as people
from services.records.progress import routes as progress
from services.records.progress import scope_routes as progress_scopes
from services.records.suggestions import routes as suggestions
from services.records.supplements import routes as supplements
from services.records.uploads import dose_schema
from services.records.uploads import preview_routes as batch_previews
from services.records.uploads import routes as batches
from services.records.uploads import row_routes as batch_rows
from services.records.webhooks import routes as webhooks
from services.records.worklist import routes as worklist

ABOUT: dict[str, Any] = {
    "title": "hochieu records",
    "description": (
        "Takes in what clinics push, answers for every row, and owns the state of every dose."
    ),
    "prefix": "records",
    "tags": {
        "batches": "Files of doses going in, how far each has come, and its rows.",
        "webhooks": "Addresses of apps that are told what has happened.",
        "doses": "One dose: what is on record, its correction, and its withdrawal.",
        "people": "A person, by number or by name and birth date, with their doses.",
        "supplements": "Doses that stations record from slips, and what the facilities say.",
        "worklist": "What somebody still has to correct, as a list, in sum, and as files.",
        "suggestions": "Whom the registry suggests for a wrong dose: accepted, or passed over.",
        "progress": "How many doses were given, recorded and issued, by place.",
        "clusters": "Thousands of wrong rows with one cause, and the rule that corrects them.",
        "findings": "What looks wrong in somebody's history, until a person has looked.",
        "complaints": "What citizens say is wrong, and what the offices answer.",
    },
    "schemas": dose_schema.schemas(),
    "examples": EXAMPLE_VALUES,
}
ROUTERS = (
    batches.router,
    batch_previews.router,
    batch_rows.router,
    batch_events.router,
    webhooks.router,
    doses.router,
    people.router,
    own_doses.router,
    supplements.router,
    worklist.router,
    suggestions.router,
    progress.router,
    progress_scopes.router,
    clusters.router,
    histories.router,
    complaints.router,
    complaint_office.router,
)
