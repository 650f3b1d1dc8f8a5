"""Progress by area, facility and day, beside the daily totals that facilities report."""
