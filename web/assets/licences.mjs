// The licences of everything of npm that is in the built files, in full, as they ask for.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

const packageOf = (input) => {
  const parts = input.split("node_modules/").pop().split("/");
  return parts[0].startsWith("@") ? parts.slice(0, 2).join("/") : parts[0];
};

export async function gatherLicences(here, inputs) {
  const names = new Set(inputs.filter((one) => one.includes("node_modules/")).map(packageOf));
  const texts = [];
  for (const name of [...names].sort()) {
    const folder = path.join(here, "node_modules", name);
    const { version, license } = JSON.parse(await readFile(path.join(folder, "package.json")));
    const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice|ofl)/i.test(file));
    const full = await Promise.all(files.map((file) => readFile(path.join(folder, file), "utf8")));
    texts.push(`${name} ${version} (${license})\n\n${full.join("\n\n").trim()}\n`);
  }
  return texts.join(`\n${"-".repeat(78)}\n\n`);
}
