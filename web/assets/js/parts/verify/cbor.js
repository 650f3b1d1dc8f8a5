// CBOR from strangers (RFC 8949), read as strictly as services/signer/hcert/cbor.py: what two
// readers could take for two things is refused. No library is that strict, and both must agree.
const DEEPEST = 16; // nested arrays, maps and tags; a certificate has 5
const INDEFINITE = 31;
const PLAIN = new Map([[20, false], [21, true], [22, null], [23, null]]);
const BREAK = Symbol("break");
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

// a value under a tag that means nothing here
export class Tagged {
  constructor(tag, content) {
    this.tag = tag;
    this.content = content;
  }
}

// a floating point number; 1.0 is not 1
export class Float {
  constructor(value) {
    this.value = value;
  }
}

export function decode(bytes) {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (reader.at !== bytes.length || value === BREAK) throw new Error("not CBOR: something follows it");
  return value;
}

const narrow = (number) => (number <= Number.MAX_SAFE_INTEGER ? Number(number) : number);

class Reader {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  take(count) {
    const end = this.at + Number(count);
    if (end > this.bytes.length) throw new Error("not CBOR: cut short");
    const part = this.bytes.subarray(this.at, end);
    this.at = end;
    return part;
  }

  value(depth, mayEnd = false) {
    if (depth > DEEPEST) throw new Error("not CBOR of ours: nested too deep");
    const [first] = this.take(1);
    const [major, short] = [first >> 5, first & 31];
    if (major === 7) return this.simple(short, mayEnd);
    const argument = this.argument(short, major >= 2 && major <= 5);
    if (major === 0) return argument;
    if (major === 1) return typeof argument === "bigint" ? -1n - argument : -1 - argument;
    if (major === 2) return this.string(major, argument);
    if (major === 3) return utf8.decode(this.string(major, argument));
    if (major === 4) return this.array(argument, depth);
    if (major === 5) return this.map(argument, depth);
    return meaning(argument, this.value(depth + 1));
  }

  // null where there is no end yet
  argument(short, mayBeIndefinite) {
    if (short < 24) return short;
    if (short < 28) {
      let number = 0n;
      for (const byte of this.take(1 << (short - 24))) number = number * 256n + BigInt(byte);
      return narrow(number);
    }
    if (short === INDEFINITE && mayBeIndefinite) return null;
    throw new Error("not CBOR: a reserved length");
  }

  string(major, length) {
    if (length !== null) return this.take(length);
    const parts = [];
    for (;;) {
      const [first] = this.take(1);
      if (first === 0xff) return Uint8Array.from(parts);
      if (first >> 5 !== major) throw new Error("not CBOR: a string of other pieces");
      parts.push(...this.take(this.argument(first & 31, false)));
    }
  }

  array(count, depth) {
    const items = [];
    while (items.length !== count) {
      const item = this.value(depth + 1, count === null);
      if (item === BREAK) break;
      items.push(item);
    }
    return items;
  }

  map(count, depth) {
    const content = new Map();
    for (let left = count; left !== 0; left = left === null ? null : left - 1) {
      const key = this.value(depth + 1, count === null);
      if (key === BREAK) break;
      const known = key instanceof Uint8Array ? `bytes ${[...key]}` : key;
      const plain = typeof known === "string" || Number.isInteger(known) || typeof known === "bigint";
      if (!plain || content.has(known)) throw new Error("not CBOR of ours: a key twice, or another kind");
      content.set(known, this.value(depth + 1));
    }
    return content;
  }

  simple(short, mayEnd) {
    if (short >= 25 && short <= 27) {
      const bytes = this.take(1 << (short - 24));
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      if (short === 25) return new Float(half(view.getUint16(0)));
      return new Float(short === 26 ? view.getFloat32(0) : view.getFloat64(0));
    }
    if (PLAIN.has(short)) return PLAIN.get(short);
    if (short === INDEFINITE && mayEnd) return BREAK;
    throw new Error("not CBOR of ours: a simple value");
  }
}

function half(bits) {
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  const size =
    exponent === 0 ? fraction * 2 ** -24
    : exponent === 31 ? (fraction ? Number.NaN : Number.POSITIVE_INFINITY)
    : (1 + fraction / 1024) * 2 ** (exponent - 15);
  return bits & 0x8000 ? -size : size;
}

const dateOf = (time) => (Number.isNaN(time.getTime()) ? null : time);

// what a tag makes of its content: times (0, 1), days (100, 1004), large integers (2, 3)
function meaning(tag, content) {
  const read = {
    0: () => (typeof content === "string" ? dateOf(new Date(content)) : null),
    1: () => {
      const seconds = content instanceof Float ? content.value : content;
      return typeof seconds === "number" ? dateOf(new Date(seconds * 1000)) : null;
    },
    2: () => (content instanceof Uint8Array ? narrow(large(content)) : null),
    3: () => (content instanceof Uint8Array ? -1n - large(content) : null),
    100: () => (Number.isInteger(content) ? isoDay(new Date(content * 86_400_000)) : null),
    1004: () => (typeof content === "string" && isoDay(new Date(content)) === content ? content : null),
  }[tag];
  return read?.() ?? new Tagged(tag, content);
}

const isoDay = (time) => dateOf(time)?.toISOString().slice(0, 10) ?? null;
const large = (bytes) => [...bytes].reduce((number, byte) => number * 256n + BigInt(byte), 0n);
