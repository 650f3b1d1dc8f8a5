// A page of certain suggestions by keyboard: arrows move, X takes out, 2 says wrong, Enter confirms.
const stage = document.querySelector("[data-bulk-stage]");
const toast = document.querySelector("[data-toast]");
const lang = stage?.dataset.lang ?? "vi";
const token = () => document.querySelector("meta[name=csrf-token]")?.content ?? "";
const headers = () => ({ "HX-Request": "true", "X-CSRF-Token": token() });
const done = [];
let upcoming = null;
let sending = false;

const form = () => stage.querySelector("form.bulk");
const rows = () => [...stage.querySelectorAll(".bulk-row")];
const fetchNext = () =>
  fetch(`${stage.dataset.next}?beside=${form()?.dataset.page ?? 0}`, { headers: headers() }).then(
    (answer) => {
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      return answer.text();
    },
  );

function prefetch() {
  // a sample is judged one after another
  upcoming = form() && form().dataset.stage !== "sample" ? fetchNext() : null;
  upcoming?.catch(() => {});
}

function say(words, kind = "right") {
  toast.className = `toast notice notice--${kind}`;
  toast.textContent = words;
  toast.hidden = false;
  document.querySelector("[data-said]").textContent = words;
  window.clearTimeout(say.timer);
  say.timer = window.setTimeout(() => {
    toast.hidden = true;
  }, 8000);
}

function show(html) {
  stage.innerHTML = html;
  stage.querySelector(".bulk-row")?.focus();
  window.scrollTo(0, 0);
}

function mark(row, verdict) {
  const chosen = row.querySelector(`input[value=${verdict}]`);
  chosen.checked = true;
  row.dataset.verdict = verdict;
}

async function confirmPage() {
  if (sending || !form()) return;
  sending = true;
  const sent = form();
  const button = sent.querySelector("#confirm-page");
  button.setAttribute("aria-disabled", "true");
  try {
    const answer = await fetch(sent.action, {
      method: "POST", headers: headers(), body: new FormData(sent),
    });
    if (answer.redirected || answer.status === 401) return window.location.reload();
    const said = await answer.json();
    if (!answer.ok) return say(said[lang] ?? "", "wrong");
    done.push(said.page);
    if (said.stopped) return window.location.assign(stage.dataset.base);
    show(await (upcoming ?? fetchNext()));
    say(`${said[lang]} ${stage.dataset.undo}`);
    prefetch();
  } catch {
    document.querySelector("#page-failed").hidden = false;
  } finally {
    sending = false;
    button.removeAttribute("aria-disabled");
  }
}

async function undo() {
  const page = done.pop();
  if (!page) return say(stage.dataset.nothing, "info");
  const answer = await fetch(`${stage.dataset.base}/pages/${page}/undo`, {
    method: "POST", headers: headers(),
  });
  const said = await answer.json().catch(() => ({}));
  say(said[lang] ?? "", answer.ok ? "right" : "wrong");
}

if (stage) {
  stage.addEventListener("submit", (event) => {
    event.preventDefault();
    confirmPage();
  });
  stage.addEventListener("change", (event) => {
    const row = event.target.closest(".bulk-row");
    if (row) row.dataset.verdict = event.target.value;
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest?.("textarea, select, a, button")) return;
    const row = document.activeElement?.closest?.(".bulk-row") ?? rows()[0];
    const at = rows().indexOf(row);
    const key = event.key.toLowerCase();
    if (key === "arrowdown" || key === "arrowup") {
      rows()[at + (key === "arrowdown" ? 1 : -1)]?.focus();
    } else if (key === "x" && row) {
      mark(row, row.dataset.verdict === "out" ? "right" : "out");
      rows()[at + 1]?.focus();
    } else if (key === "2" && row) {
      mark(row, row.dataset.verdict === "wrong" ? "right" : "wrong");
    } else if (key === "enter" && !event.repeat) {
      confirmPage();
    } else if (key === "z") {
      undo();
    } else {
      return;
    }
    event.preventDefault();
  });
  stage.querySelector(".bulk-row")?.focus();
  prefetch();
}
