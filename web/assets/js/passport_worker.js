// Shows a passport that its owner has kept on this device, where the network or the time of the page
// is over. It keeps nothing by itself: the page does, when somebody presses the button. The server
// writes `offline` in front of this: { version, page, files }.
const { version, page, files } = globalThis.offline;
const FILES = `passport-files-${version}`;
const STORE = "passport-kept";
const PATIENCE_MS = 4_000;

globalThis.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(FILES)
      .then((store) => store.addAll(files))
      .then(() => globalThis.skipWaiting()),
  );
});

globalThis.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("passport-files-") && name !== FILES;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => globalThis.clients.claim()),
  );
});

// as it is now, where this browser may still look; else as it was kept
async function shown(request) {
  const kept = (await caches.has(STORE)) && (await (await caches.open(STORE)).match(page));
  if (!kept) return fetch(request);
  const late = new Promise((done) => setTimeout(done, PATIENCE_MS, null));
  const answer = await Promise.race([fetch(request).catch(() => null), late]);
  return answer?.ok && !answer.redirected ? answer : kept;
}

globalThis.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname === page) event.respondWith(shown(request));
  else if (files.includes(url.pathname)) {
    event.respondWith(caches.match(request).then((known) => known ?? fetch(request)));
  }
});
