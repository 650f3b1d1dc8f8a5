// One key a decision: the next case is there before the key is up; what fails comes back.
import htmx from "./htmx.js";

const stage = document.querySelector("[data-case-stage]");
const token = () => document.querySelector("meta[name=csrf-token]")?.content ?? "";
const headers = () => ({ "HX-Request": "true", "X-CSRF-Token": token() });
const lang = stage?.dataset.lang ?? "vi";
const done = []; // what was decided here, the last one at the end
const began = Date.now();
let upcoming = null;
const sending = new Set(); // decisions on their way: the service may offer these cases once more

const shownId = () => stage.querySelector("[data-case]")?.dataset.case ?? "";
const say = (words) => {
  document.querySelector("[data-said]").textContent = words;
};

function fetchNext() {
  const query = new URLSearchParams({ second: stage.dataset.second });
  for (const id of new Set([shownId(), ...sending])) if (id) query.append("beside", id);
  return fetch(`${stage.dataset.next}?${query}`, { headers: headers() }).then((answer) => {
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    return answer.text();
  });
}

function prefetch() {
  upcoming = shownId() ? fetchNext() : null;
  upcoming?.catch(() => {});
}

function show(html, announce = true) {
  stage.innerHTML = html;
  htmx.process(stage);
  const shown = stage.querySelector("[data-case]");
  document.querySelector("[data-left]").textContent = shown?.dataset.leftNow ?? "0";
  if (shown?.dataset.secondNow) {
    document.querySelector("[data-second]").textContent = shown.dataset.secondNow;
  }
  if (announce) stage.querySelector("#case-title")?.focus();
}

function rate() {
  const hours = (Date.now() - began) / 3_600_000;
  const shown = document.querySelector("[data-rate]");
  shown.textContent = done.length > 1 ? String(Math.round(done.length / hours)) : "–";
}

function fail(html, words) {
  if (html !== null) show(html);
  const toast = document.querySelector("#page-failed");
  if (words) toast.querySelector("p").textContent = words;
  toast.hidden = false;
  window.setTimeout(() => {
    toast.hidden = true;
  }, 8000);
}

async function decide(form, decision) {
  const body = new FormData(form);
  body.set("decision", decision);
  const id = shownId();
  const before = stage.innerHTML;
  sending.add(id);
  say(""); // the same words twice are said twice
  const sent = fetch(form.action, { method: "POST", headers: headers(), body });
  const next = upcoming ?? fetchNext();
  upcoming = null;
  next.then((html) => {
    if (shownId() === id) show(html);
    prefetch();
  }, () => window.location.assign(stage.dataset.next));
  let answer;
  try {
    answer = await sent;
  } catch {
    return fail(before);
  } finally {
    sending.delete(id);
  }
  if (answer.redirected || answer.status === 401) return window.location.reload();
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    await next.catch(() => {});
    return fail(before, said[lang]);
  }
  done.push(id);
  rate();
  say(said[lang] ?? "");
}

async function undo() {
  const id = done.pop();
  if (!id) return say(stage.dataset.nothing);
  const answer = await fetch(`/cases/${id}/undo`, { method: "POST", headers: headers() });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) return fail(null, said[lang]);
  const shown = await fetch(`/cases/${id}?second=${stage.dataset.second}`, { headers: headers() });
  if (shown.ok) show(await shown.text());
  say(said[lang] ?? "");
  rate();
  prefetch();
}

if (stage) {
  stage.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-decide]");
    if (!form) return;
    event.preventDefault();
    decide(form, event.submitter?.value ?? "confirm");
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest?.("textarea, input:not([type=radio]), select")) return;
    const decision = { 1: "confirm", 2: "reject", 3: "papers" }[event.key];
    const form = stage.querySelector("[data-decide]");
    if (decision && form) {
      event.preventDefault();
      form.querySelector(`button[value=${decision}]`).click();
    } else if (event.key.toLowerCase() === "z") {
      event.preventDefault();
      undo();
    }
  });
  prefetch();
}
