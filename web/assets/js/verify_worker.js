// Keeps the page /verify and all that it needs, so that it opens without a network. The server
// writes `offline` in front of this: { version, page, files }.
const { version, page, files } = globalThis.offline;
const STORE = `verify-page-${version}`;
const PATIENCE_MS = 3_000;

globalThis.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(STORE)
      .then((store) => store.addAll([page, ...files]))
      .then(() => globalThis.skipWaiting()),
  );
});

globalThis.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("verify-page-") && name !== STORE;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => globalThis.clients.claim()),
  );
});

// the page as it is now, if the network answers soon; else as it was
async function freshPage(request) {
  const store = await caches.open(STORE);
  const network = fetch(request).then(async (answer) => {
    if (answer.ok && !answer.redirected) await store.put(page, answer.clone());
    return answer;
  });
  const late = new Promise((done) => setTimeout(done, PATIENCE_MS, null));
  const soon = await Promise.race([network.catch(() => null), late]);
  return soon ?? (await store.match(page)) ?? network;
}

globalThis.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname === page) event.respondWith(freshPage(request));
  else if (files.includes(url.pathname)) {
    event.respondWith(caches.match(request).then((known) => known ?? fetch(request)));
  }
});
