// The payload of any country's certificate: brought to one form, and checked by the table of fields
// of the European schema 1.3, as services/signer/hcert/{normalize,dcc_schema}.py do.
import { Float } from "./cbor.js";

const KINDS = ["v", "t", "r"];
const PCR = "LP6464-4";
const CODES = new Set(["ver", "dob", "tg", "co", "ci", "vp", "mp", "ma", "dn", "sd", "dt", "tt", "tr", "sc", "fr", "df", "du"]);
const DAYS = new Set(["dob", "dt", "fr", "df", "du"]);
const MOMENT = /^\d{4}-?\d{2}-?\d{2}([T ]\d{2}(:?\d{2}(:?\d{2}([.,]\d+)?)?)?(Z|[+-]\d{2}(:?\d{2}(:?\d{2})?)?)?)?$/;

export const isObject = (value) =>
  Object.getPrototypeOf(value ?? 0) === Object.prototype;

const plain = (value) =>
  value instanceof Map
    ? Object.fromEntries([...value].map(([key, inside]) => [String(key), plain(inside)]))
    : Array.isArray(value) ? value.map(plain) : value;

function normalValue(key, value) {
  if (!CODES.has(key)) return value;
  if (typeof value === "string") return value.trim();
  if (value instanceof Float) return Number.isInteger(value.value) ? value.value : value;
  if (value instanceof Date) {
    return DAYS.has(key) ? value.toISOString().slice(0, 10) : value.toISOString();
  }
  return value;
}

const normalPart = (part) =>
  Object.fromEntries(Object.entries(part).map(([key, value]) => [key, normalValue(key, value)]));

export function normalized(map) {
  const content = normalPart(plain(map));
  for (const kind of KINDS) {
    if (!Array.isArray(content[kind])) continue;
    content[kind] = content[kind].map((entry) => {
      if (!isObject(entry)) return entry;
      const normal = normalPart(entry);
      if (normal.tt === PCR && normal.ma === "") delete normal.ma;
      return normal;
    });
  }
  return content;
}

const text = (value) => typeof value === "string" && [...value].length <= 80;
const matching = (pattern) => (value) => text(value) && pattern.test(value);

function realDay(year, month, day) {
  const time = new Date(Date.UTC(2000, month - 1, day));
  time.setUTCFullYear(year, month - 1, day);
  const real = year > 0 && time.getUTCMonth() === month - 1 && time.getUTCDate() === day;
  return real ? time : null;
}

// a day as the first moment of it in UTC, or null
export function dayOf(value) {
  if (typeof value !== "string" || (value.length !== 10 && momentOf(value) === null)) return null;
  const parts = /^(\d{4})-(\d{2})-(\d{2})/.exec(value);
  return parts ? realDay(...parts.slice(1).map(Number)) : null;
}

export function momentOf(value) {
  if (typeof value !== "string" || !MOMENT.test(value)) return null;
  const parts = /^(\d{4})-?(\d{2})-?(\d{2})(?:[T ](.*))?$/.exec(value);
  const [year, month, day] = parts.slice(1, 4).map(Number);
  const date = realDay(year, month, day);
  if (!date) return null;
  const clock = /^(\d{2}):?(\d{2})?:?(\d{2})?(?:[.,](\d+))?(Z|[+-].*)?$/.exec(parts[4] ?? "00");
  if (!clock) return null;
  const [hour, minute, second] = clock.slice(1, 4).map((part) => Number(part ?? 0));
  if (hour > 23 || minute > 59 || second > 59) return null;
  const zone = /^([+-])(\d{2}):?(\d{2})?/.exec(clock[5] ?? "");
  const ahead = zone ? Number(`${zone[1]}1`) * (Number(zone[2]) * 60 + Number(zone[3] ?? 0)) : 0;
  return new Date(date.getTime() + ((hour * 60 + minute - ahead) * 60 + second) * 1000);
}

export const hasOffset = (value) => /(Z|[+-]\d{2}:?(\d{2})?(:?\d{2})?)$/.test(value.slice(10));

const isDay = (value) => dayOf(value) !== null;
const birth = (value) =>
  text(value) &&
  (/^((19|20)\d\d(-\d\d){0,2})?$/.test(value) || (value.includes("T") && isDay(value)));
const count = (value) => Number.isInteger(value) && value >= 1 && value < 1_000;

const PERSON = { ver: [matching(/^\d+\.\d+\.\d+$/), true], dob: [birth, true] };
const NAME = {
  fn: [text, false],
  fnt: [matching(/^[A-Z<]*$/), false],
  gn: [text, false],
  gnt: [matching(/^[A-Z<]*$/), false],
};
const COMMON = { tg: [text, true, "diseases"], co: [text, true, "countries"], is: [text, true], ci: [text, true] };
const ENTRY = {
  v: {
    ...COMMON,
    vp: [text, true, "prophylaxes"],
    mp: [text, true, "products"],
    ma: [text, true, "manufacturers"],
    dn: [count, true],
    sd: [count, true],
    dt: [isDay, true],
  },
  t: {
    ...COMMON,
    tt: [text, true, "test_types"],
    nm: [text, false],
    ma: [text, false, "devices"],
    sc: [(value) => momentOf(value) !== null, true],
    tr: [text, true, "test_results"],
    tc: [text, false],
  },
  r: { ...COMMON, fr: [isDay, true], df: [isDay, true], du: [isDay, true] },
};

const missing = (value) => value === undefined || value === null;
const truthy = (value) =>
  isObject(value) ? Object.keys(value).length > 0 : Array.isArray(value) ? value.length > 0 : Boolean(value);

export function kindOf(payload) {
  const kinds = KINDS.filter((kind) => truthy(payload[kind]));
  if (kinds.length !== 1) return null;
  const entries = payload[kinds[0]];
  return Array.isArray(entries) && entries.length === 1 && isObject(entries[0]) ? kinds[0] : null;
}

const faultsOf = (part, fields, path) =>
  Object.entries(fields)
    .filter(([key, [check, required]]) => (missing(part[key]) ? required : !check(part[key])))
    .map(([key]) => path + key);

export function faults(payload) {
  const kind = kindOf(payload);
  if (kind === null) return ["v|t|r"];
  const broken = [
    ...faultsOf(payload, PERSON, ""),
    ...faultsOf(payload[kind][0], ENTRY[kind], `${kind}.`),
  ];
  const name = payload.nam;
  if (!isObject(name)) return [...broken, "nam"];
  const nameless = missing(name.fnt) && missing(name.gnt) ? ["nam.fnt"] : [];
  return [...broken, ...faultsOf(name, NAME, "nam."), ...nameless];
}

// `sets`: the value sets as the signed data bring them
export function unknown(payload, sets) {
  const kind = kindOf(payload);
  if (kind === null) return [];
  const entry = payload[kind][0];
  const inSet = (name, value) =>
    name === "devices"
      ? /^\d+$/.test(value) && Number(value.slice(0, 9)) > 0 && Number(value.slice(0, 9)) <= sets.highest_test_device
      : sets[name].includes(value);
  return Object.entries(ENTRY[kind])
    .filter(([key, [check, , set]]) =>
      set && !missing(entry[key]) && !(key === "ma" && entry.tt === PCR) &&
      check(entry[key]) && !inSet(set, entry[key]))
    .map(([key]) => `${kind}.${key}`);
}
