// The page of progress: its numbers come again by themselves, and its days become a chart that
// tells the number under the pointer. Without this script the page says the same.
import "./htmx.js";

// the chart's library is fetched once the picture that the server drew comes near
const near = new IntersectionObserver(
  async (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      near.unobserve(target);
      const { draw } = await import("./parts/line_chart.js");
      draw(target);
    }
  },
  { rootMargin: "300px" },
);
for (const figure of document.querySelectorAll("figure[data-chart]")) near.observe(figure);
