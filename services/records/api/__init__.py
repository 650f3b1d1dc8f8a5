"""The REST of records."""

from services.records.api import clusters, complaint_desk, complaints, histories, progress, worklist
from services.records.doses import routes as doses
from services.records.uploads import routes as batches
from services.records.uploads import row_routes as batch_rows

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
    worklist.router,
    progress.router,
    clusters.router,
    histories.router,
    complaints.router,
    complaint_desk.router,
)
