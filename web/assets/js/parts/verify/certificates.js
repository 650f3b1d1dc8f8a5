// As much of X.509 as tells whether one certificate was signed with the key of another.
const ALGORITHMS = {
  "2a8648ce3d040302": { kind: "ecdsa", hash: "SHA-256" },
  "2a8648ce3d040303": { kind: "ecdsa", hash: "SHA-384" },
  "2a864886f70d01010b": { kind: "rsa", hash: "SHA-256" },
};
const CURVES = { "2a8648ce3d030107": ["P-256", 32], "2b81040022": ["P-384", 48] };
const SEQUENCE = 0x30;

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// the parts of one level of DER: tag, content, and the whole with its head
function parts(bytes) {
  const found = [];
  let at = 0;
  while (at < bytes.length) {
    const start = at;
    const tag = bytes[at];
    let length = bytes[at + 1];
    at += 2;
    if (length > 0x80) {
      let count = length & 0x7f;
      for (length = 0; count > 0; count -= 1, at += 1) length = length * 256 + bytes[at];
    }
    if (!(at + length <= bytes.length)) throw new Error("not DER");
    found.push({ tag, content: bytes.subarray(at, at + length), whole: bytes.subarray(start, at + length) });
    at += length;
  }
  return found;
}

export function readCertificate(der) {
  const [certificate] = parts(der);
  const [body, algorithm, signature] = parts(certificate.content);
  const fields = parts(body.content);
  // [0] version, serial, algorithm, issuer, validity, subject, key
  const key = fields[fields[0].tag === 0xa0 ? 6 : 5];
  if (key?.tag !== SEQUENCE) throw new Error("not a certificate");
  return {
    body: body.whole,
    algorithm: hex(parts(algorithm.content)[0].content),
    signature: signature.content.subarray(1),
    spki: key.whole,
  };
}

export async function signedBy(certificate, root) {
  const { kind, hash } = ALGORITHMS[certificate.algorithm] ?? {};
  const { subtle } = globalThis.crypto;
  try {
    if (kind === "rsa") {
      const name = { name: "RSASSA-PKCS1-v1_5", hash };
      const key = await subtle.importKey("spki", root.spki, name, false, ["verify"]);
      return await subtle.verify(name, key, certificate.signature, certificate.body);
    }
    if (kind !== "ecdsa") return false;
    const [identifier] = parts(parts(root.spki)[0].content);
    const [curve, size] = CURVES[hex(parts(identifier.content)[1].content)];
    const name = { name: "ECDSA", namedCurve: curve };
    const key = await subtle.importKey("spki", root.spki, name, false, ["verify"]);
    const halves = parts(parts(certificate.signature)[0].content).map((one) => fixed(one.content, size));
    const raw = Uint8Array.from([...halves[0], ...halves[1]]);
    return await subtle.verify({ name: "ECDSA", hash }, key, raw, certificate.body);
  } catch {
    return false;
  }
}

// an integer of DER as so many bytes: without its leading zero, or with zeros before it
function fixed(integer, size) {
  const bytes = new Uint8Array(size);
  const significant = integer.subarray(Math.max(0, integer.length - size));
  bytes.set(significant, size - significant.length);
  return bytes;
}
