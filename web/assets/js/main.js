// What every page has: the switch of light and dark, tables, date fields, the error summary.
import "./parts/theme.js";
import "./parts/table.js";
import "./parts/date_field.js";
import "./parts/error_summary.js";
import "./parts/submit_once.js";
