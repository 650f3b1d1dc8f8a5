// Judges codes with the script of the page /verify, outside a browser: asked and answered as JSON.
import { judge } from "../../web/assets/js/parts/verify/judge.js";
import { openSigned, usable } from "../../web/assets/js/parts/verify/signed_data.js";

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { codes, jws } = JSON.parse(Buffer.concat(chunks).toString("utf8"));

async function judged({ text, keys, value_sets, revoked, now }) {
  const content = { keys, value_sets, revoked: revoked ?? "", issued_at: now, outcomes: {}, misuses: {} };
  const { code, steps, misuse } = await judge(text, usable(content), new Date(now));
  return { code, steps, misuse: misuse ?? null };
}

async function opened({ text, pins }) {
  try {
    return { pins: (await openSigned(text, pins)).pins, error: null };
  } catch (error) {
    return { pins: null, error: error.message };
  }
}

const answers = jws ? await Promise.all(jws.map(opened)) : [];
if (codes) for (const code of codes) answers.push(await judged(code));
process.stdout.write(JSON.stringify(answers));
