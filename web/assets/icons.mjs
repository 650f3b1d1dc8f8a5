// One sprite of the icons that pages use: <svg><use href="icons.svg#name">, words beside each.
import { readFile } from "node:fs/promises";
import path from "node:path";

// our name of an icon, and Lucide's; an icon that no page uses has no line here
const ICONS = {
  alert: "triangle-alert",
  arrow: "arrow-right",
  back: "arrow-left",
  camera: "camera",
  check: "check",
  clock: "clock",
  close: "x",
  copy: "copy",
  download: "download",
  edit: "pencil",
  file: "file-text",
  flag: "flag",
  help: "circle-help",
  image: "image",
  info: "info",
  light: "sun",
  dark: "moon",
  list: "list",
  mail: "mail",
  map: "map-pin",
  merge: "users",
  next: "chevron-right",
  open: "chevron-down",
  ok: "circle-check",
  paste: "clipboard-paste",
  person: "user",
  phone: "phone",
  police: "shield",
  print: "printer",
  question: "circle-question-mark",
  redo: "redo-2",
  scan: "scan-line",
  search: "search",
  send: "send",
  sign_out: "log-out",
  sort: "arrow-up-down",
  sort_down: "arrow-down",
  sort_up: "arrow-up",
  stop: "circle-x",
  syringe: "syringe",
  torch: "flashlight",
  trash: "trash-2",
  undo: "undo-2",
  upload: "upload",
};

export async function iconSprite(here) {
  const symbols = await Promise.all(
    Object.entries(ICONS).map(async ([name, lucide]) => {
      const file = path.join(here, "node_modules/lucide-static/icons", `${lucide}.svg`);
      const source = await readFile(file, "utf8");
      const shapes = source
        .replace(/<!--[\s\S]*?-->/g, "")
        .replace(/^[\s\S]*?<svg[^>]*>/, "")
        .replace("</svg>", "")
        .replace(/\s*\n\s*/g, "")
        .trim();
      return `<symbol id="${name}" viewBox="0 0 24 24">${shapes}</symbol>`;
    }),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}
