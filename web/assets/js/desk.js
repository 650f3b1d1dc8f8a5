// The desk by keyboard: the chosen row, its panel, and acts that are shown at once and saved behind.
import htmx from "./htmx.js";
import { send } from "./parts/desk_acts.js";
import { draftOf, forgetDraft, keepDraft } from "./parts/desk_drafts.js";

const desk = document.querySelector("[data-desk]");
const body = document.querySelector("#rows tbody");
const panel = document.getElementById("panel");
const words = desk ? JSON.parse(desk.dataset.words) : {};
const lang = document.documentElement.lang;
const undoable = [];
let chosen = null;
let pending = 0;

const rows = () => [...body.querySelectorAll("tr[data-id]")];
const outcome = (row) => row.querySelector(".outcome");
const inPanel = (selector) => panel.querySelector(selector);

function say(text, undo = false) {
  const said = document.getElementById("said");
  said.querySelector("p").textContent = undo ? `${text} (Z: ${words.undo})` : text;
  said.hidden = false;
  clearTimeout(say.timer);
  say.timer = setTimeout(() => (said.hidden = true), 6000);
}

function fail(text) {
  const failed = document.getElementById("failed");
  failed.querySelector("p").textContent = text;
  failed.hidden = false;
  clearTimeout(fail.timer);
  fail.timer = setTimeout(() => (failed.hidden = true), 12000);
}

function mark(row, kind, text) {
  const mark = document.createElement("span");
  mark.className = `kind kind--${kind}`;
  mark.textContent = text;
  outcome(row).replaceChildren(mark);
}

function choose(row, focus = true) {
  if (!row) return;
  if (chosen !== row) {
    chosen?.setAttribute("aria-selected", "false");
    chosen?.setAttribute("tabindex", "-1");
    chosen = row;
    row.setAttribute("aria-selected", "true");
    row.setAttribute("tabindex", "0");
    panel.replaceChildren(row.querySelector("template").content.cloneNode(true));
    panel.dataset.open = "true";
    panel.scrollTop = 0;
    htmx.process(panel);
    restoreDraft();
    prefetch();
  }
  if (focus) {
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
}

function step(by) {
  const all = rows();
  const next = all[all.indexOf(chosen) + by];
  if (next) choose(next);
  else if (by > 0 && !body.querySelector("[data-next]")) say(words.end);
}

function nextOpen(row) {
  const all = rows();
  const after = all.slice(all.indexOf(row) + 1).find((one) => !one.dataset.done);
  if (after) choose(after);
  else step(1);
}

// the rows of the next page are there before somebody comes to them
async function prefetch() {
  const link = body.querySelector("[data-next]");
  const all = rows();
  if (!link || link.dataset.asked || all.length - all.indexOf(chosen) > 15) return;
  link.dataset.asked = "true";
  try {
    const answer = await fetch(`${link.getAttribute("href")}&part=rows`);
    if (!answer.ok) throw new Error();
    const holder = document.createElement("template");
    holder.innerHTML = await answer.text();
    link.closest("tr").replaceWith(holder.content);
  } catch {
    delete link.dataset.asked;
  }
}

function restoreDraft() {
  const form = inPanel("form[data-act=correct]");
  const draft = form && draftOf(chosen.dataset.id);
  if (!draft) return;
  for (const [name, value] of Object.entries(draft)) {
    const field = form.elements.namedItem(name);
    if (field) field.value = value;
  }
  form.closest("details").open = true;
}

function fieldErrors(form, errors) {
  let first = null;
  for (const error of errors) {
    const field = form.elements.namedItem(error.field);
    if (!field || field.type === "hidden") continue;
    const box = field.closest(".field");
    box.classList.add("field--error");
    let note = box.querySelector(".error");
    if (!note) {
      note = document.createElement("p");
      note.className = "error";
      note.id = `${field.id}-error`;
      field.before(note);
    }
    note.textContent = error[lang] ?? error.vi;
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", note.id);
    first ??= field;
  }
  first?.focus();
  return first !== null;
}

function afterActs() {
  clearTimeout(afterActs.timer);
  afterActs.timer = setTimeout(() => htmx.trigger("#counts", "refresh"), 2500);
}

async function act(form, data) {
  const kind = form.dataset.act;
  const row = chosen;
  const before = [...outcome(row).childNodes].map((node) => node.cloneNode(true));
  const old = kind === "correct" ? oldValues(form) : null;
  mark(row, "done", words.saving);
  if (kind !== "undo") {
    row.dataset.done = "true";
    nextOpen(row);
  }
  pending += 1;
  const answer = await send(form.getAttribute("action"), data, () => say(words.retry));
  pending -= 1;
  if (answer.ok) {
    const shown = kind === "dismiss" ? words.dismissed : kind === "correct" ? words.corrected : "";
    if (kind === "undo") {
      restored(row);
      undoable.splice(0, undoable.length, ...undoable.filter((one) => one.row !== row));
    } else {
      mark(row, "done", `✓ ${shown || answer[lang]}`);
      undoable.push({ kind, row, before, id: row.dataset.id, old, version: answer.version, action: form.getAttribute("action") });
      if (kind === "correct") forgetDraft(row.dataset.id);
      say(`${row.dataset.name}: ${shown || answer[lang]}`, true);
    }
    afterActs();
    return;
  }
  delete row.dataset.done;
  outcome(row).replaceChildren(...before);
  mark(row, "wrong", `▲ ${words.failed}`);
  fail(`${row.dataset.name}: ${answer[lang] ?? words.failed}`);
  choose(row);
  const again = inPanel(`form[data-act=${kind}]`);
  if (kind === "correct") {
    for (const [name, value] of new URLSearchParams(data)) {
      const field = again.elements.namedItem(name);
      if (field && field.type !== "hidden") field.value = value;
    }
    again.closest("details").open = true;
    fieldErrors(again, answer.errors ?? []);
  } else if (kind === "accept") {
    fieldErrors(again, [{ field: "card", vi: answer.vi, en: answer.en }]);
  }
}

function restored(row, before) {
  delete row.dataset.done;
  if (before) outcome(row).replaceChildren(...before);
  else mark(row, "likely", words.undone);
  say(`${row.dataset.name}: ${words.undone}`);
  choose(row);
}

function oldValues(form) {
  const values = {};
  for (const field of form.elements) {
    if (field.name.startsWith("old-")) values[field.name.slice(4)] = field.value;
  }
  return values;
}

async function undoLast() {
  const last = undoable.pop();
  if (!last) {
    say(words.nothing);
    return;
  }
  const data = new URLSearchParams();
  let action = `/desk/doses/${last.id}/undo`;
  if (last.kind === "correct") {
    action = last.action;
    data.set("version", last.version);
    data.set("key", crypto.randomUUID());
    for (const [name, value] of Object.entries(last.old)) data.set(name, value);
  } else {
    data.set("act", last.kind);
  }
  mark(last.row, "done", words.saving);
  pending += 1;
  const answer = await send(action, data, () => say(words.retry));
  pending -= 1;
  if (answer.ok) restored(last.row, last.before);
  else {
    mark(last.row, "wrong", `▲ ${words.failed}`);
    fail(`${last.row.dataset.name}: ${answer[lang] ?? words.failed}`);
    if (answer.status >= 500) undoable.push(last);
  }
  afterActs();
}

function acceptChosen() {
  if (chosen.dataset.done) return;
  const form = inPanel("form[data-act=accept]");
  if (!form) {
    say(inPanel(".suggested") ? words.noway : words.none);
    return;
  }
  form.elements.namedItem("card").focus();
}

function openDetails(name) {
  const details = inPanel(`details.${name}`);
  if (!details) return;
  details.open = true;
  const field =
    details.querySelector("[aria-invalid=true]") ?? details.querySelector("input:not([type=hidden]), textarea, button");
  (field ?? details.querySelector("summary")).focus();
}

const KEYS = {
  Enter: acceptChosen,
  e: () => openDetails("edit"),
  b: () => inPanel("form[data-act=dismiss]")?.requestSubmit(),
  c: () => openDetails("thread"),
  z: undoLast,
  "/": () => desk.dataset.find && location.assign(desk.dataset.find),
  "?": () => document.getElementById("keys").showModal(),
};

const typing = (target) => target.closest("input, textarea, select, dialog, [contenteditable]");
const keysOn = document.getElementById("keys-on");

if (body && panel) {
  if (keysOn) keysOn.checked = localStorage.getItem("desk-keys") !== "off";
  keysOn?.addEventListener("change", () => localStorage.setItem("desk-keys", keysOn.checked ? "on" : "off"));

  body.addEventListener("focusin", ({ target }) => {
    const row = target.closest("tr[data-id]");
    if (row && target === row) choose(row, false);
  });
  body.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-id]");
    if (!row || event.ctrlKey || event.metaKey || event.target.closest("a[data-leave]")) return;
    event.preventDefault();
    choose(row);
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && panel.contains(event.target)) {
      event.preventDefault();
      chosen?.focus();
      delete panel.dataset.open;
      return;
    }
    if (typing(event.target)) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (event.target.closest("tr[data-id]")) return; // the table's own script moves the focus
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1);
      return;
    }
    const onRow = event.target.closest("tr[data-id]") || event.target === document.body;
    if (event.key === "Enter" && !onRow) return;
    if (event.key.length === 1 && keysOn && !keysOn.checked && event.key !== "?") return;
    const key = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!key || !chosen) return;
    event.preventDefault();
    key();
  });

  panel.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.act) return;
    event.preventDefault();
    event.stopPropagation();
    const data = new URLSearchParams(new FormData(form, event.submitter));
    if (form.dataset.act === "accept" && !data.get("card").trim()) {
      if (!("sight" in form.dataset)) {
        fieldErrors(form, [{ field: "card", vi: words.card, en: words.card }]);
        return;
      }
      data.set("proof", "sight");
    }
    act(form, data);
  });

  panel.addEventListener("click", ({ target }) => {
    if (!target.closest("[data-close]")) return;
    delete panel.dataset.open;
    chosen?.focus();
  });

  panel.addEventListener("input", ({ target }) => {
    const form = target.closest("form[data-act=correct]");
    if (form) keepDraft(chosen.dataset.id, form);
  });

  window.addEventListener("beforeunload", (event) => {
    if (pending) event.preventDefault();
  });

  choose(rows().find((row) => !row.dataset.done) ?? rows()[0], false);
  if (matchMedia("(max-width: 48rem)").matches) delete panel.dataset.open;
}
