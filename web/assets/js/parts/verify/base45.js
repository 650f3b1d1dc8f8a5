// Base45 (RFC 9285): three characters are two bytes, two at the end are one.
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const VALUE = new Map([...ALPHABET].map((sign, at) => [sign, at]));

export function decode(text) {
  const digits = [...text].map((sign) => VALUE.get(sign));
  if (digits.includes(undefined) || digits.length % 3 === 1) throw new Error("not base45");
  const bytes = [];
  for (let at = 0; at < digits.length; at += 3) {
    const [low, middle, high] = digits.slice(at, at + 3);
    const number = low + 45 * middle + 2025 * (high ?? 0);
    if (number > (high === undefined ? 0xff : 0xffff)) throw new Error("not base45");
    if (high !== undefined) bytes.push(number >> 8);
    bytes.push(number & 0xff);
  }
  return Uint8Array.from(bytes);
}
