// The icon as pictures: iPhones take no SVG for a page on their home screen, and round its corners
// themselves.
import { initWasm, Resvg } from "@resvg/resvg-wasm";
import { readFile } from "node:fs/promises";
import path from "node:path";

const SIZES = { "touch-icon": 180, "icon-192": 192, "icon-512": 512 };

// gives [name, PNG] of each, of `images/icon.svg`
export async function appIcons(here) {
  await initWasm(readFile(path.join(here, "node_modules/@resvg/resvg-wasm/index_bg.wasm")));
  const square = (await readFile(path.join(here, "images/icon.svg"), "utf8")).replace(/ rx="\d+"/, "");
  return Object.entries(SIZES).map(([name, width]) => {
    const drawn = new Resvg(square, { fitTo: { mode: "width", value: width } }).render();
    return [`images/${name}.png`, Buffer.from(drawn.asPng())];
  });
}
