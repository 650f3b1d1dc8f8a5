// Asks for the part of a page that has moved, and puts it in place of the old one.
// It rests while nobody looks: a session must end that is left alone.
const EVERY_MS = 4_000;
const LEFT_ALONE_MS = 15 * 60_000;

export function keepLive() {
  let touched = Date.now();
  for (const sign of ["pointermove", "pointerdown", "keydown", "scroll"]) {
    addEventListener(sign, () => (touched = Date.now()), { passive: true });
  }
  setInterval(async () => {
    const live = document.getElementById("live");
    if (!live || document.hidden || Date.now() - touched > LEFT_ALONE_MS) return;
    const answer = await fetch(live.dataset.live, { headers: { "HX-Request": "true" } }).catch(() => null);
    // nothing new, or the session is over, which the next click will say
    if (answer?.status !== 200 || answer.redirected) return;
    const made = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
    if (!made) return;
    const focused = document.activeElement?.closest("#live [id]")?.id;
    live.replaceWith(made);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }, EVERY_MS);
}
