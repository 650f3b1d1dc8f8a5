// The camera behind the page: opened at a touch, read until a code is in it, lit where it has a
// torch.
import { codeIn } from "./detector.js";

const BETWEEN_MS = 80;
const WANTED = {
  audio: false,
  video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } },
};

export class Camera {
  #video;
  #stream = null;
  #round = 0;

  constructor(video) {
    this.#video = video;
  }

  get isOpen() {
    return this.#stream !== null;
  }

  async open() {
    if (this.isOpen) return;
    this.#stream = await navigator.mediaDevices.getUserMedia(WANTED);
    this.#video.srcObject = this.#stream;
    await this.#video.play();
  }

  close() {
    this.stop();
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.#video.srcObject = null;
  }

  // reads until `found` was called with a code, or `stop` was called
  async scan(found) {
    const round = (this.#round += 1);
    while (this.isOpen && round === this.#round) {
      const text = this.#video.readyState >= 2 ? await codeIn(this.#video).catch(() => null) : null;
      if (text && round === this.#round) {
        this.stop();
        found(text);
        return;
      }
      await new Promise((done) => setTimeout(done, BETWEEN_MS));
    }
  }

  stop() {
    this.#round += 1;
  }

  get #track() {
    return this.#stream?.getVideoTracks()[0];
  }

  get hasTorch() {
    return Boolean(this.#track?.getCapabilities?.().torch);
  }

  async light(on) {
    await this.#track?.applyConstraints({ advanced: [{ torch: on }] });
  }
}
