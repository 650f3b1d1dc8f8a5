"""The REST of records."""

from services.records.clusters import routes as clusters
from services.records.complaints import office_routes as complaint_office
from services.records.complaints import routes as complaints
from services.records.doses import routes as doses
from services.records.histories import routes as histories
from services.records.people import routes as people
from services.records.progress import routes as progress
from services.records.uploads import routes as batches
from services.records.uploads import row_routes as batch_rows
from services.records.worklist import routes as worklist

ABOUT = {
    "title": "hochieu records",
    "description": (
        "Takes in what clinics push, answers for every row, and owns the state of every dose."
    ),
    "prefix": "records",
}
ROUTERS = (
    batches.router,
    batch_rows.router,
    doses.router,
    people.router,
    worklist.router,
    progress.router,
    clusters.router,
    histories.router,
    complaints.router,
    complaint_office.router,
)
