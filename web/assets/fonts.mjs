// Fonts without what no page uses: the instructions that fit letters to the dots of a coarse screen
// are half of each file. Screens of today and their systems smooth letters without them.
import { readFile } from "node:fs/promises";
import path from "node:path";
import wawoff2 from "wawoff2";

const NO_HINTING = 1;
const WRITABLE = 2;

// gives a function that makes a WOFF2 lighter, its letters and features as they were
export async function lighterFonts(here) {
  const wasm = path.join(here, "node_modules/harfbuzzjs/dist/harfbuzz-subset.wasm");
  const { instance } = await WebAssembly.instantiate(await readFile(wasm), {});
  const hb = instance.exports;
  hb._initialize();
  return async (woff2) => {
    const font = await wawoff2.decompress(woff2);
    const at = hb.malloc(font.byteLength);
    new Uint8Array(hb.memory.buffer).set(font, at);
    const face = hb.hb_face_create(hb.hb_blob_create(at, font.byteLength, WRITABLE, 0, 0), 0);
    const input = hb.hb_subset_input_create_or_fail();
    hb.hb_subset_input_keep_everything(input);
    hb.hb_subset_input_set_flags(input, hb.hb_subset_input_get_flags(input) | NO_HINTING);
    const blob = hb.hb_face_reference_blob(hb.hb_subset_or_fail(face, input));
    const length = hb.hb_blob_get_length(blob);
    const start = hb.hb_blob_get_data(blob, 0);
    const made = new Uint8Array(hb.memory.buffer).slice(start, start + length);
    return Buffer.from(await wawoff2.compress(made));
  };
}
