// COSE_Sign1 (RFC 9052) around the claims of a health certificate, and its signature by WebCrypto.
import { decode, Tagged } from "./cbor.js";

export const ALG = 1;
const CRIT = 2;
const KID = 4;
const AROUND = [55_799, 61, 18]; // CBOR that describes itself, a CBOR Web Token, COSE_Sign1
const UNDERSTOOD = new Set([ALG, CRIT, KID]);
const NAMES = new Map([[-7, "ES256"], [-37, "PS256"]]);
const KEYS = {
  ES256: { name: "ECDSA", namedCurve: "P-256" },
  PS256: { name: "RSA-PSS", hash: "SHA-256" },
};
const SIGNATURES = {
  ES256: { name: "ECDSA", hash: "SHA-256" },
  PS256: { name: "RSA-PSS", saltLength: 32 },
};

export class CriticalHeaderError extends Error {}

export function openMessage(bytes) {
  let content = decode(bytes);
  for (const tag of AROUND) {
    if (content instanceof Tagged && content.tag === tag) content = content.content;
  }
  if (!Array.isArray(content) || content.length !== 4) throw new Error("not COSE_Sign1");
  const [protectedBytes, unprotected, payload, signature] = content;
  const raw = [protectedBytes, payload, signature].every((part) => part instanceof Uint8Array);
  if (!raw || !(unprotected instanceof Map)) throw new Error("not COSE_Sign1");
  const header = protectedBytes.length ? decode(protectedBytes) : new Map();
  if (!(header instanceof Map)) throw new Error("not COSE_Sign1");
  refuseUnknown(header, unprotected);
  const kid = header.get(KID) ?? unprotected.get(KID);
  return {
    header,
    payload,
    signature,
    kid: kid instanceof Uint8Array ? kid : null,
    algorithm: NAMES.get(header.get(ALG)) ?? null,
    signed: toBeSigned(protectedBytes, payload),
  };
}

function refuseUnknown(header, unprotected) {
  if (unprotected.has(CRIT)) throw new CriticalHeaderError("critical labels, not protected");
  if (!header.has(CRIT)) return;
  const labels = header.get(CRIT);
  const known = Array.isArray(labels) && labels.length > 0 &&
    labels.every((label) => UNDERSTOOD.has(label) && header.has(label));
  if (!known) throw new CriticalHeaderError("a critical label that is not understood");
}

function byteString(bytes) {
  const length = bytes.length;
  const head = length < 24 ? [0x40 + length]
    : length < 0x100 ? [0x58, length]
    : length < 0x10000 ? [0x59, length >> 8, length & 0xff]
    : [0x5a, length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff];
  return [...head, ...bytes];
}

// Sig_structure = ["Signature1", protected, external_aad (empty), payload]
function toBeSigned(protectedBytes, payload) {
  const context = [0x6a, ...new TextEncoder().encode("Signature1")];
  return Uint8Array.from([
    0x84, ...context, ...byteString(protectedBytes), 0x40, ...byteString(payload),
  ]);
}

// `key`: its algorithm's name, and SubjectPublicKeyInfo in `spki`; the algorithm must be the key's
export async function isGenuine(key, algorithm, signed, signature) {
  if (algorithm !== key.algorithm || !(algorithm in KEYS)) return false;
  try {
    const { subtle } = globalThis.crypto;
    const imported = await subtle.importKey("spki", key.spki, KEYS[algorithm], false, ["verify"]);
    return await subtle.verify(SIGNATURES[algorithm], imported, signature, signed);
  } catch {
    return false; // a key or a signature of no good form
  }
}
