// Verification of a code's text in the same numbered steps as services/signer/hcert/verify.py; the
// test tests/web/test_same_verdicts.py holds both to one outcome.
import { decode as decodeBase45 } from "./base45.js";
import { decode as decodeCbor, Float } from "./cbor.js";
import { LONGEST, readings } from "./code_text.js";
import { ALG, CriticalHeaderError, isGenuine, openMessage } from "./cose.js";
import { faults, kindOf, normalized, unknown } from "./schema.js";
import { against, bornAhead, CLOCK_SKEW_MS } from "./statement.js";

const MOST_PLAIN = 32_768;
const ISSUER = 1;
const EXPIRES = 4;
const ISSUED = 6;
const HCERT = -260;
const COUNTRY = /^\s*([A-Z]{2}(?![A-Za-z])|[A-Za-z]{2}(?=\s*$))/;
const ALSO_WRITTEN = { EL: "GR", UK: "GB" };

// `data`: trusted keys (find(kid)), revoked (has(hash)) and value_sets, as signed_data.js reads them
export async function judge(text, data, now) {
  let first = null;
  for (const reading of readings(text)) {
    const opening = await unpack(reading);
    if (opening.message) return judgeMessage(opening.steps, opening.message, data, now);
    first ??= opening;
  }
  return first;
}

async function unpack(text) {
  const steps = {};
  const fail = (step, code) => ({ code, steps: { ...steps, [step]: false }, opened: null });
  if (!text.startsWith("HC1:") || text.length > LONGEST) return fail("prefix", "NOT_HC1"); // (1)
  steps.prefix = true;
  let packed;
  try {
    packed = decodeBase45(text.slice(4)); // (2)
  } catch {
    return fail("base45", "BASE45_BROKEN");
  }
  steps.base45 = true;
  try {
    const message = await inflate(packed); // (3)
    return { steps: { ...steps, compression: true }, message };
  } catch {
    return fail("compression", "COMPRESSION_BROKEN");
  }
}

async function inflate(packed) {
  const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
  const parts = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > MOST_PLAIN) {
      await reader.cancel().catch(() => {});
      throw new Error("too large");
    }
    parts.push(value);
  }
  const plain = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    plain.set(part, at);
    at += part.length;
  }
  if (adler32(plain) !== new DataView(packed.buffer, packed.byteOffset + packed.length - 4).getUint32(0)) {
    throw new Error("something follows the stream"); // which not every browser minds
  }
  return plain;
}

function adler32(bytes) {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return ((b << 16) | a) >>> 0;
}

async function judgeMessage(steps, message, data, now) {
  let signed;
  let claims;
  let payload;
  try {
    signed = openMessage(message); // (4)
    claims = decodeCbor(signed.payload);
    payload = payloadOf(claims);
  } catch (error) {
    const code = error instanceof CriticalHeaderError ? "HEADER_NOT_UNDERSTOOD" : "COSE_BROKEN";
    return { code, steps: { ...steps, cose: false }, opened: null };
  }
  const opened = open(signed, claims, payload, data, now);
  const found = [];
  const note = (step, holds, code) => {
    steps[step] = holds;
    if (!holds) found.push(code);
  };
  note("cose", signed.header.has(ALG), "ALGORITHM_UNPROTECTED");
  const keys = signed.kid ? data.find(signed.kid) : [];
  note("key", keys.length > 0, "KEY_UNKNOWN"); // (5)
  let signer = null;
  if (keys.length) {
    signer = await signerOf(signed, keys);
    note("signature", signer !== null, "SIGNATURE_WRONG"); // (6)
  }
  const fault = untimely(opened, now);
  note("validity", fault === null, fault); // (7)
  note("payload", opened.faults.length === 0, "PAYLOAD_WRONG"); // (8)
  let misuse = null;
  if (keys.length && opened.kind) {
    misuse = misuseOf(opened, signer ?? keys[0]);
    note("key_usage", misuse === null, "KEY_USAGE_WRONG"); // (9)
  }
  if (opened.unknown.length) note("payload", false, "VALUE_UNKNOWN");
  if (opened.kind) {
    const denied = against(opened.kind, opened.entry, now);
    note("statement", denied === null, denied); // (10)
  }
  if (signer && typeof opened.entry?.ci === "string") {
    const revoked = await data.isRevoked(opened.entry.ci); // (11)
    steps.revocation = !revoked;
    if (revoked && !found.length) found.push("REVOKED");
  }
  return { code: found[0] ?? "VALID", steps, opened, misuse };
}

function payloadOf(claims) {
  const health = claims instanceof Map ? claims.get(HCERT) : null;
  const payload = health instanceof Map ? health.get(1) : null;
  if (!(payload instanceof Map)) throw new Error("no health certificate among the claims");
  return normalized(payload);
}

function open(signed, claims, payload, data, now) {
  const issuer = claims.get(ISSUER);
  const kind = kindOf(payload);
  return {
    kid: signed.kid,
    issuer: typeof issuer === "string" ? issuer : null,
    issuedAt: momentOf(claims.get(ISSUED)),
    expiresAt: momentOf(claims.get(EXPIRES)),
    kind,
    payload,
    entry: kind ? payload[kind][0] : null,
    faults: [...faults(payload), ...(bornAhead(payload, now) ? ["dob"] : [])],
    unknown: unknown(payload, data.value_sets),
  };
}

function momentOf(seconds) {
  if (seconds instanceof Date) return seconds;
  const number = seconds instanceof Float ? seconds.value : seconds;
  if (typeof number !== "number" && typeof number !== "bigint") return null;
  const moment = new Date(Number(number) * 1000);
  const year = moment.getUTCFullYear();
  return year >= 1 && year <= 9999 ? moment : null;
}

async function signerOf(signed, keys) {
  for (const key of keys) {
    for (const algorithm of signed.header.has(ALG) ? [signed.algorithm] : ["ES256", "PS256"]) {
      if (algorithm && (await isGenuine(key, algorithm, signed.signed, signed.signature))) return key;
    }
  }
  return null;
}

function untimely({ issuedAt, expiresAt }, now) {
  if (!issuedAt || !expiresAt) return "TIMES_BROKEN";
  if (expiresAt < now) return "EXPIRED";
  return issuedAt.getTime() > now.getTime() + CLOCK_SKEW_MS ? "NOT_YET_VALID" : null;
}

function misuseOf(opened, key) {
  if (!key.usage.includes(opened.kind)) return "KIND";
  const named = COUNTRY.exec(opened.issuer ?? "");
  if (named && key.country && country(named[1]) !== country(key.country)) return "COUNTRY";
  const early = key.notBefore && opened.issuedAt && opened.issuedAt < key.notBefore;
  const late = key.notAfter && opened.expiresAt && opened.expiresAt > key.notAfter;
  return early || late ? "TERM" : null;
}

const country = (code) => ALSO_WRITTEN[code.toUpperCase()] ?? code.toUpperCase();
