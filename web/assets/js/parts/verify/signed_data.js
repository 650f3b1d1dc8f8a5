// The signed data by which codes are judged: trusted keys, revocations, value sets. The country's
// root certificates are pinned when the page is first used, and only lists by their document
// signers are taken from then on. That protects from whoever comes between later; not at the first
// visit, and not from our own server, which could as well send another script.
import { readCertificate, signedBy } from "./certificates.js";
import { isGenuine } from "./cose.js";

const HASH = 16;

export class BadDataError extends Error {}

export const fromBase64 = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));

const sha256 = async (bytes) =>
  new Uint8Array(await globalThis.crypto.subtle.digest("SHA-256", bytes));

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// `pins`: base64 of the root certificates that are believed, null at the first visit
export async function openSigned(jws, pins) {
  const [head, body, signature] = jws.split(".");
  if (signature === undefined) throw new BadDataError("not a JWS");
  const read = (part) => JSON.parse(new TextDecoder().decode(fromBase64(part)));
  const header = read(head);
  const content = read(body);
  const signer = readCertificate(fromBase64(header.x5c[0]));
  const roots = pins ?? content.roots;
  if (!(await certifiedBy(signer, roots))) throw new BadDataError("not by a signer of the pinned roots");
  const key = { algorithm: header.alg, spki: signer.spki };
  const signed = new TextEncoder().encode(`${head}.${body}`);
  if (header.typ !== "verifier-data+jws" || !(await isGenuine(key, header.alg, signed, fromBase64(signature)))) {
    throw new BadDataError("the signature is wrong");
  }
  return { content, pins: [...new Set([...roots, ...content.roots])] };
}

async function certifiedBy(signer, roots) {
  for (const root of roots) {
    if (await signedBy(signer, readCertificate(fromBase64(root)))) return true;
  }
  return false;
}

export function usable(content) {
  const byKid = new Map();
  for (const item of content.keys) {
    const kid = hex(fromBase64(item.kid));
    const key = {
      ...item,
      spki: fromBase64(item.key),
      notBefore: item.not_before ? new Date(item.not_before) : null,
      notAfter: item.not_after ? new Date(item.not_after) : null,
    };
    byKid.set(kid, [...(byKid.get(kid) ?? []), key]);
  }
  const bytes = fromBase64(content.revoked);
  const revoked = new Set();
  for (let at = 0; at < bytes.length; at += HASH) revoked.add(hex(bytes.subarray(at, at + HASH)));
  return {
    issuedAt: new Date(content.issued_at),
    value_sets: content.value_sets,
    outcomes: content.outcomes,
    misuses: content.misuses,
    product_names: content.product_names ?? {},
    find: (kid) => byKid.get(hex(kid)) ?? [],
    isRevoked: async (uvci) =>
      revoked.has(hex((await sha256(new TextEncoder().encode(uvci))).subarray(0, HASH))),
  };
}
