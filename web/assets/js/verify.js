// The border officer's page: scans, judges on this phone alone, and shows one answer.
import { Camera } from "./parts/verify/camera.js";
import { codeIn } from "./parts/verify/detector.js";
import { judge } from "./parts/verify/judge.js";
import { freshData, keptData } from "./parts/verify/kept_data.js";
import { BadDataError } from "./parts/verify/signed_data.js";
import { about, ago, day, names, t, time } from "./parts/verify/words.js";

const AMBER_MS = 72 * 3_600_000;
const REFUSED_MS = 30 * 86_400_000;
const SKEW_MS = 5 * 60_000;
const FETCH_EVERY_MS = 10 * 60_000;
const OUTCOMES = { VALID: "valid", EXPIRED: "expired", RECOVERY_ENDED: "expired", REVOKED: "revoked" };
const VIBRATIONS = { valid: [80], expired: [80, 80, 80], revoked: [300], untrusted: [300], unable: [80, 80, 80] };

const page = document.getElementById("verify");
const at = (name) => page.querySelector(`[data-part="${name}"]`);
const camera = new Camera(at("video"));
let data = null;
let foreignList = false;
let lit = false;

function show(view) {
  page.dataset.view = view;
  for (const part of page.querySelectorAll("[data-view-of]")) {
    part.hidden = !part.dataset.viewOf.split(" ").includes(view);
  }
}

// ---- the lists by which codes are judged

function ageOf(now) {
  if (!data) return foreignList ? "foreign" : "none";
  const passed = now - data.issuedAt;
  if (passed < -SKEW_MS) return "clock";
  return passed > REFUSED_MS ? "refused" : passed > AMBER_MS ? "amber" : "good";
}

function ageWords(now) {
  return {
    none: () => t("Chưa có danh sách tin cậy. Hãy nối mạng một lần.", "There is no trust list yet. Go online once."),
    foreign: () => t("Danh sách nhận được không do nơi cấp ký. Hãy báo người quản trị.", "The list that came is not signed by the issuer. Tell the administrator."),
    clock: () => t("Đồng hồ của máy chạy chậm. Hãy chỉnh lại giờ.", "This device's clock is behind. Set it right."),
    refused: () => t(`Danh sách tin cậy đã quá cũ (${ago(data.issuedAt, now)}). Hãy nối mạng.`, `The trust list is too old (${ago(data.issuedAt, now)}). Go online.`),
    amber: () => t(`Danh sách tin cậy đã cũ: ${ago(data.issuedAt, now)}`, `The trust list is old: ${ago(data.issuedAt, now)}`),
    good: () => t(`Danh sách tin cậy cập nhật ${ago(data.issuedAt, now)}`, `Trust list updated ${ago(data.issuedAt, now)}`),
  }[ageOf(now)]();
}

function showAge() {
  const now = new Date();
  for (const place of page.querySelectorAll("[data-part^='age']")) {
    place.textContent = ageWords(now);
    place.dataset.age = ageOf(now);
  }
}

async function fetchData() {
  try {
    data = (await freshData(data)) ?? data;
    foreignList = false;
  } catch (error) {
    if (!(error instanceof BadDataError)) throw error;
    foreignList = true;
  }
  showAge();
}

// ---- one answer

async function answer(text) {
  const now = new Date();
  if (["none", "foreign", "clock", "refused"].includes(ageOf(now))) {
    return showResult({ outcome: "unable", reason: ageWords(now) });
  }
  const { code, opened, misuse } = await judge(text, data, now);
  const [vi, en] = (misuse && code === "KEY_USAGE_WRONG" && data.misuses[misuse]) || data.outcomes[code];
  return showResult({
    outcome: OUTCOMES[code] ?? "untrusted",
    reason: code === "VALID" ? "" : t(vi, en),
    code,
    ...facts(opened),
  });
}

function facts(opened) {
  if (!opened) return {};
  const { travel, own } = names(opened.payload);
  return {
    travel,
    own,
    birth: day(opened.payload.dob),
    about: about(opened.kind, opened.entry, data.product_names),
    until: opened.expiresAt ? `${t("Có giá trị đến", "Valid until")} ${time(opened.expiresAt)}` : "",
    shown: true,
  };
}

function showResult({ outcome, reason = "", code = "", ...rest }) {
  const result = at("result");
  result.dataset.outcome = outcome;
  for (const verdict of result.querySelectorAll("[data-outcome-of]")) {
    verdict.hidden = verdict.dataset.outcomeOf !== outcome;
  }
  const words = { reason, code, travel: "", own: "", birth: "", about: "", until: "", ...rest };
  for (const name of ["reason", "code", "travel", "own", "birth", "about", "until"]) {
    at(name).textContent = words[name];
    at(name).hidden = !words[name];
  }
  at("person").hidden = !rest.shown;
  showAge();
  show("result");
  navigator.vibrate?.(VIBRATIONS[outcome]);
  at("again").focus({ preventScroll: true });
}

// ---- scanning

async function start() {
  show("scan");
  at("failed").hidden = true;
  try {
    await camera.open();
  } catch (error) {
    const denied = error.name === "NotAllowedError";
    at("failed-words").textContent = denied
      ? t("Trình duyệt chưa cho phép dùng máy ảnh. Hãy cho phép trong phần cài đặt, hoặc chọn ảnh, dán mã.", "The browser does not allow the camera. Allow it in its settings, or choose a picture or paste the code.")
      : t("Không mở được máy ảnh. Hãy chọn ảnh hoặc dán mã.", "The camera cannot be opened. Choose a picture or paste the code.");
    show("start");
    at("failed").hidden = false;
    return;
  }
  at("torch").hidden = !camera.hasTorch;
  await camera.scan(answer);
}

function again() {
  at("text").value = "";
  if (camera.isOpen) start();
  else show("start");
}

async function readPicture(file) {
  if (!file) return;
  let text = null;
  try {
    text = await codeIn(await createImageBitmap(file));
  } catch {
    text = null; // no picture, or one that this browser cannot open
  }
  at("picture").value = "";
  if (text) return answer(text);
  return showResult({
    outcome: "unable",
    reason: t("Không thấy mã QR nào trong ảnh này. Hãy chụp gần và rõ hơn.", "There is no QR code in this picture. Take it from nearer, and sharper."),
  });
}

at("start").addEventListener("click", start);
at("result").addEventListener("click", (event) => {
  if (!event.target.closest("summary, details")) again();
});
at("picture").addEventListener("change", () => readPicture(at("picture").files[0]));
at("paste").addEventListener("click", () => {
  camera.close();
  show("text");
  at("text").focus();
});
at("back").addEventListener("click", () => show("start"));
at("form").addEventListener("submit", (event) => {
  event.preventDefault();
  answer(at("text").value);
});
at("torch").addEventListener("click", async () => {
  lit = !lit;
  await camera.light(lit).catch(() => {});
  at("torch").setAttribute("aria-pressed", String(lit));
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) camera.close();
  else if (page.dataset.view === "scan") start();
});
globalThis.addEventListener("online", fetchData);
setInterval(fetchData, FETCH_EVERY_MS);
setInterval(showAge, 60_000);

async function begin() {
  if (!globalThis.crypto?.subtle || !globalThis.caches) return; // the form asks the server instead
  data = await keptData();
  showAge();
  await fetchData();
  const allowed = await navigator.permissions?.query({ name: "camera" }).catch(() => null);
  show("start");
  page.dataset.ready = "true";
  if (allowed?.state === "granted") await start();
}

navigator.serviceWorker?.register("/verify/worker.js", { scope: "/verify" }).catch(() => {});
begin();
