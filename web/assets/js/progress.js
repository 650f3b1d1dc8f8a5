// The page of progress: its numbers come again by themselves, and its days become a chart that
// tells the number under the pointer. Without this script the page says the same.
import "./htmx.js";
import { drawCharts } from "./parts/line_chart.js";

drawCharts();
