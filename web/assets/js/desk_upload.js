// A file is dropped or chosen, looked at, and sent with its bar; without this the form does it all.
const form = document.querySelector("form[data-upload]");
const file = form.elements.namedItem("file");
const preview = document.getElementById("preview");
const bar = form.querySelector("[data-bar]");
const lang = document.documentElement.lang;

form.querySelector("[data-plain]").hidden = true;
form.classList.add("drop--scripted");

function show(words, share = null) {
  bar.hidden = false;
  bar.querySelector("[data-bar-words]").textContent = words;
  bar.querySelector("[data-bar-share]").textContent = share === null ? "" : `${Math.round(share * 100)}%`;
  const progress = bar.querySelector("progress");
  if (share === null) progress.removeAttribute("value");
  else progress.value = share;
}

async function look() {
  if (!file.files.length) return;
  preview.replaceChildren();
  show(form.dataset.reading);
  try {
    const answer = await fetch("/desk/uploads/preview", {
      method: "POST",
      body: new FormData(form),
      headers: { "X-Part": "preview" },
    });
    if (answer.redirected) {
      location.reload(); // the session has ended
      return;
    }
    preview.innerHTML = await answer.text();
  } catch {
    lost();
    return;
  }
  bar.hidden = true;
  for (const scripted of preview.querySelectorAll("[data-scripted]")) scripted.hidden = false;
  const take = document.getElementById("take");
  take?.addEventListener("click", send, { once: true });
  document.getElementById("another")?.addEventListener("click", () => file.click());
  (take ?? preview).focus();
}

function lost() {
  show(form.dataset.lost, 0);
  form.querySelector("[data-plain]").hidden = false;
  form.querySelector("#look").hidden = true;
}

function send() {
  preview.replaceChildren();
  const request = new XMLHttpRequest();
  request.open("POST", form.getAttribute("action"));
  request.setRequestHeader("Accept", "application/json");
  request.upload.addEventListener("progress", ({ loaded, total }) => show(form.dataset.sending, loaded / total));
  request.upload.addEventListener("load", () => show(form.dataset.taking));
  request.addEventListener("error", lost);
  request.addEventListener("load", () => {
    let told = {};
    try {
      told = JSON.parse(request.responseText);
    } catch {
      location.reload();
      return;
    }
    if (told.to) {
      location.assign(told.to);
      return;
    }
    bar.hidden = true;
    const notice = document.createElement("p");
    notice.className = "notice notice--wrong";
    notice.setAttribute("role", "alert");
    notice.textContent = told[lang] ?? told.vi ?? form.dataset.lost;
    preview.replaceChildren(notice);
  });
  show(form.dataset.sending, 0);
  request.send(new FormData(form));
}

file.addEventListener("change", look);
for (const kind of ["dragover", "dragenter"]) {
  form.addEventListener(kind, (event) => {
    event.preventDefault();
    form.classList.add("drop--over");
  });
}
for (const kind of ["dragleave", "drop"]) {
  form.addEventListener(kind, () => form.classList.remove("drop--over"));
}
form.addEventListener("drop", (event) => {
  event.preventDefault();
  if (!event.dataTransfer.files.length) return;
  file.files = event.dataTransfer.files;
  look();
});
