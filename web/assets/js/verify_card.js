// The check before an injection: after each answer the form is empty again and the cursor back in
// its first field, so that people may come in a row. The camera reads cards by the same reader as
// the scanner of codes.
import { Camera } from "./parts/verify/camera.js";

const form = document.querySelector("[data-check]");
const line = form.elements.line;

document.body.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt !== form || !event.detail.successful) return;
  form.reset();
  line.focus();
});

const box = document.querySelector("[data-camera]");
if (box && navigator.mediaDevices?.getUserMedia) {
  const video = box.querySelector("video");
  const camera = new Camera(video);
  const failed = box.querySelector("[data-camera-failed]");
  box.hidden = false;
  const read = () =>
    camera.scan((text) => {
      line.value = text;
      form.requestSubmit();
      setTimeout(read, 1500);
    });
  box.querySelector("#camera-open").addEventListener("click", async () => {
    try {
      video.hidden = false;
      await camera.open();
      failed.hidden = true;
      read();
    } catch {
      video.hidden = true;
      failed.hidden = false;
    }
  });
}
