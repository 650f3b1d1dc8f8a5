// CBOR from strangers (RFC 8949), strictly: a key twice, or anything behind the value, is refused.
import { decode as decodeCbor } from "cborg";

export class Tagged {
  constructor(tag, content) {
    this.tag = tag;
    this.content = content;
  }
}

const dateOf = (time) => (Number.isNaN(time.getTime()) ? null : time);

// what a tag makes of its content: times (0, 1), days (100, 1004), large integers (2, 3)
function meaning(tag, content) {
  if (tag === 0 && typeof content === "string") return dateOf(new Date(content));
  if (tag === 1 && typeof content === "number") return dateOf(new Date(content * 1000));
  if (tag === 1004 && typeof content === "string") return content;
  if (tag === 100 && Number.isInteger(content)) {
    return dateOf(new Date(content * 86_400_000))?.toISOString().slice(0, 10) ?? null;
  }
  if ((tag === 2 || tag === 3) && content instanceof Uint8Array) {
    const number = BigInt(`0x${[...content].map((b) => b.toString(16).padStart(2, "0")).join("")}0`) >> 4n;
    return tag === 2 ? number : -1n - number;
  }
  return null;
}

const tags = new Proxy(
  {},
  {
    get: (_, tag) => (decode) => {
      const content = decode();
      return meaning(Number(tag), content) ?? new Tagged(Number(tag), content);
    },
  },
);

export function decode(bytes) {
  return decodeCbor(bytes, {
    useMaps: true,
    rejectDuplicateMapKeys: true,
    allowUndefined: false,
    tags,
  });
}
