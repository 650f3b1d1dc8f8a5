// Builds the styles and scripts of the pages: `node build.mjs OUT` (see `python -m deploy.pages`).
// Every file directly in css/ and js/ is an entry; their parts stand in folders below.
// Names carry a hash of what is in them, so that browsers may keep them for ever;
// manifest.json says which name a page has to ask for.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { appIcons } from "./app_icons.mjs";
import { lighterFonts } from "./fonts.mjs";
import { iconSprite } from "./icons.mjs";
import { gatherLicences } from "./licences.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(process.argv[2] ?? path.join(here, "..", "static"));
const compressed = new Set([".css", ".js", ".svg", ".json", ".webmanifest", ".wasm"]);

const entriesOf = async (folder, ending) =>
  (await readdir(path.join(here, folder)))
    .filter((name) => name.endsWith(ending))
    .map((name) => path.join(here, folder, name));

const hashed = (name, content) => {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const { dir, name: stem, ext } = path.parse(name);
  return path.posix.join(dir, `${stem}-${hash}${ext}`);
};

async function bundle(entryPoints, more = {}) {
  const result = await build({
    entryPoints,
    outdir: out,
    outbase: here,
    bundle: true,
    minify: true,
    metafile: true,
    legalComments: "none", // licences.txt says them all, once
    entryNames: "[dir]/[name]-[hash]",
    chunkNames: "js/part-[hash]",
    assetNames: "files/[name]-[hash]",
    publicPath: "/assets",
    loader: { ".woff2": "file", ".wasm": "file", ".svg": "file" },
    target: ["chrome89", "firefox88", "safari15"],
    // htmx can evaluate text of a page; js/htmx.js forbids it that, the CSP does again, and here
    // the word itself goes, without which its names could not be shortened either
    define: { eval: "evaluationIsForbidden" },
    logLevel: "warning",
    ...more,
  });
  const names = {};
  const within = (file) => path.relative(out, path.resolve(file)).split(path.sep).join("/");
  const outputs = Object.fromEntries(
    Object.entries(result.metafile.outputs).map(([file, { imports }]) => [
      within(file),
      imports.filter((one) => !one.external).map((one) => within(one.path)),
    ]),
  );
  for (const [file, { entryPoint, inputs }] of Object.entries(result.metafile.outputs)) {
    const built = within(file);
    if (entryPoint) {
      names[path.relative(here, path.resolve(entryPoint)).split(path.sep).join("/")] = built;
    } else if (built.startsWith("files/")) {
      const [source] = Object.keys(inputs);
      names[`files/${path.basename(source)}`] = built;
    }
  }
  return { names, outputs, inputs: Object.keys(result.metafile.inputs) };
}

// everything that an entry loads sooner or later, for pages that open without a network
function needs({ names, outputs }) {
  const reached = (file, known) => {
    for (const next of outputs[file] ?? []) if (!known.has(next)) reached(next, known.add(next));
    return known;
  };
  return Object.fromEntries(
    Object.entries(names).map(([entry, file]) => [entry, [...reached(file, new Set([file]))]]),
  );
}

async function put(manifest, name, content) {
  const built = hashed(name, content);
  await mkdir(path.dirname(path.join(out, built)), { recursive: true });
  await writeFile(path.join(out, built), content);
  manifest[name] = built;
}

async function compressAll(folder) {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !compressed.has(path.extname(entry.name))) continue;
    const file = path.join(entry.parentPath, entry.name);
    const content = await readFile(file);
    const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
    await writeFile(`${file}.br`, brotliCompressSync(content, quality));
    await writeFile(`${file}.gz`, gzipSync(content, { level: 9 }));
  }
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const lighter = await lighterFonts(here);
const fonts = {
  name: "lighter-fonts",
  setup({ onLoad }) {
    onLoad({ filter: /\.woff2$/ }, async ({ path: file }) => ({
      contents: await lighter(await readFile(file)),
      loader: "file",
    }));
  },
};
const styles = await bundle(await entriesOf("css", ".css"), { plugins: [fonts] });
// what the scanner shares with nobody must not make the other pages load one more file
const [alone, together] = [/\/verify\w*\.js$/, /^(?!.*\/verify\w*\.js$)/].map((which) =>
  entriesOf("js", ".js").then((files) => files.filter((file) => which.test(file))),
);
const modules = { format: "esm", splitting: true };
const scanner = await bundle(await alone, modules);
const scripts = await bundle(await together, modules);
const manifest = { ...styles.names, ...scanner.names, ...scripts.names };
await writeFile(path.join(out, "needs.json"), JSON.stringify({ ...needs(scanner), ...needs(scripts) }));
await put(manifest, "icons.svg", await iconSprite(here));
for (const image of await readdir(path.join(here, "images"))) {
  await put(manifest, `images/${image}`, await readFile(path.join(here, "images", image)));
}
for (const [name, picture] of await appIcons(here)) await put(manifest, name, picture);
const used = [...styles.inputs, ...scanner.inputs, ...scripts.inputs, path.join(here, "node_modules/lucide-static/x")];
await writeFile(path.join(out, "licences.txt"), await gatherLicences(here, used));
await compressAll(out);
const sorted = Object.fromEntries(Object.entries(manifest).sort());
await writeFile(path.join(out, "manifest.json"), `${JSON.stringify(sorted, null, 2)}\n`);
console.log(`${Object.keys(sorted).length} files for the pages are in ${path.relative(process.cwd(), out)}`);
