// Finds codes in pictures: the browser's own reader where it has one, else ZXing as WebAssembly,
// which is served by us alone and loaded only then.
import wasmUrl from "zxing-wasm/reader/zxing_reader.wasm";

const FORMATS = ["qr_code"];
let ready = null;

export function detector() {
  ready ??= own().then((native) => native ?? ponyfill());
  return ready;
}

async function own() {
  const Native = globalThis.BarcodeDetector;
  const known = (await Native?.getSupportedFormats().catch(() => [])) ?? [];
  return known.includes("qr_code") ? new Native({ formats: FORMATS }) : null;
}

async function ponyfill() {
  const { BarcodeDetector, prepareZXingModule } = await import("barcode-detector/ponyfill");
  prepareZXingModule({ overrides: { locateFile: () => wasmUrl } });
  return new BarcodeDetector({ formats: FORMATS });
}

// the text of the first code in it, one of a certificate before any other; null where there is none
export async function codeIn(source) {
  const found = await (await detector()).detect(source);
  const texts = found.map((code) => code.rawValue).filter(Boolean);
  return texts.find((text) => text.startsWith("HC1:")) ?? texts[0] ?? null;
}
