// htmx under our policy: nothing is evaluated, no style injected, no page kept in the browser.
import htmx from "htmx.org/dist/htmx.esm.js";

Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  historyCacheSize: 0, // a page with people's data is never written to storage
  refreshOnHistoryMiss: true,
  defaultSwapDelay: 0,
  defaultSettleDelay: 0,
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "409|422", swap: true }, // the form again, with its errors
    { code: "...", swap: false, error: true },
  ],
});

const token = () => document.querySelector('meta[name="csrf-token"]')?.content;
const notice = () => document.getElementById("page-failed");

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get" && token()) detail.headers["X-CSRF-Token"] = token();
});
document.addEventListener("htmx:beforeRequest", () => notice()?.setAttribute("hidden", ""));
for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(failure, () => {
    notice()?.removeAttribute("hidden");
    notice()?.scrollIntoView({ block: "nearest" });
  });
}

export default htmx;
