"""The REST of records."""

from services.records.api import (
    batch_rows,
    batches,
    clusters,
    complaint_desk,
    complaints,
    doses,
    histories,
    progress,
    worklist,
)

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
