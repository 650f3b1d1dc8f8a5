// The passport on a phone: the screen stays bright, and who asks for it keeps the page on the device.
const STORE = "passport-kept";
const keep = document.querySelector("#keep");

async function stayBright() {
  if (document.visibilityState !== "visible") return;
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // a low battery: the page is shown all the same
  }
}
document.addEventListener("visibilitychange", stayBright);
stayBright();

let offer = null;
globalThis.addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  offer = event;
  show();
});

// to open a store is to make it: a look alone leaves nothing behind
const isKept = async () => (await caches.has(STORE)) && Boolean(await caches.match("/passport"));

async function show() {
  if (!keep) return;
  const kept = await isKept();
  keep.querySelector("[data-when=away]").hidden = kept;
  keep.querySelector("[data-when=kept]").hidden = !kept;
  keep.querySelector("#keep-it").hidden = kept;
  keep.querySelector("#forget-it").hidden = !kept;
  keep.querySelector("#install").hidden = !offer;
  keep.hidden = false;
}

async function keepIt() {
  await navigator.serviceWorker.register("/passport/worker.js", { scope: "/passport" });
  await navigator.serviceWorker.ready;
  const store = await caches.open(STORE);
  await store.add("/passport");
  await show();
}

if (keep && "serviceWorker" in navigator && "caches" in globalThis) {
  keep.querySelector("#keep-it").addEventListener("click", keepIt);
  keep.querySelector("#install").addEventListener("click", async () => {
    await keepIt();
    await offer.prompt();
    offer = null;
    await show();
  });
  keep.querySelector("#forget-it").addEventListener("click", async () => {
    await caches.delete(STORE);
    const registered = await navigator.serviceWorker.getRegistration("/passport");
    await registered?.unregister();
    await show();
  });
  show();
}
