// The page of progress: its numbers come again by themselves, and its days become a chart that
// tells the number under the pointer. Without this script the page says the same.
import { keepLive } from "./parts/live.js";

keepLive();

// the server has drawn the picture: the chart's library is fetched for who points at it
for (const figure of document.querySelectorAll("figure[data-chart]")) {
  const draw = async () => (await import("./parts/line_chart.js")).draw(figure);
  figure.addEventListener("pointerenter", draw, { once: true });
}
