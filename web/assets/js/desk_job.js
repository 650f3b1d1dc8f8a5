// A file on its way: its part of the page comes anew whenever the file has moved. A stream of events
// tells when that is; where none can be had, the page asks every two seconds.
const EVERY_MS = 2_000;
const path = location.pathname;
let timer = null;
let stream = null;
let asking = false;
let more = false;

const part = () => document.getElementById("job");

async function look() {
  more = asking;
  if (asking) return;
  asking = true;
  try {
    const answer = await fetch(`${path}?part=job`);
    if (answer.redirected) location.reload(); // the session has ended
    else if (answer.ok) show(await answer.text());
  } catch {
    // no network: the next time
  }
  asking = false;
  if (more) look();
}

function show(text) {
  const holder = document.createElement("template");
  holder.innerHTML = text;
  part().replaceWith(holder.content);
  if ("over" in part().dataset) stop();
}

function ask(byItself) {
  clearInterval(timer);
  if (byItself) timer = setInterval(look, EVERY_MS);
}

function stop() {
  more = false;
  ask(false);
  stream.close();
}

if (!("over" in part().dataset)) {
  stream = new EventSource(`${path}/events`);
  ask(true);
  stream.addEventListener("open", () => ask(false));
  stream.addEventListener("error", () => ask(true));
  for (const kind of ["moved", "settled"]) stream.addEventListener(kind, look);
}
