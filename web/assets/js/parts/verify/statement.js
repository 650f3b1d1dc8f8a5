// Whether what a genuine certificate says holds at a moment (services/signer/hcert/statement.py).
import { dayOf, hasOffset, momentOf } from "./schema.js";

const HOUR_MS = 3_600_000;
export const CLOCK_SKEW_MS = 5 * 60_000;
const EAST_MS = 14 * HOUR_MS; // where a day begins first
const WEST_MS = 12 * HOUR_MS; // and where it ends last
const DETECTED = "260373001";

const dayAt = (now, shift) => {
  const moved = new Date(now.getTime() + shift);
  return Date.UTC(moved.getUTCFullYear(), moved.getUTCMonth(), moved.getUTCDate());
};

export function against(kind, entry, now) {
  const latest = dayAt(now, EAST_MS);
  const earliest = dayAt(now, -WEST_MS);
  if (kind === "t") {
    if (entry.tr === DETECTED) return "TEST_POSITIVE";
    const sampled = momentOf(entry.sc);
    if (!sampled) return null;
    const allowance = hasOffset(entry.sc) ? CLOCK_SKEW_MS : EAST_MS;
    return sampled.getTime() > now.getTime() + allowance ? "DATED_AHEAD" : null;
  }
  const happened = dayOf(kind === "v" ? entry.dt : entry.fr);
  if (happened && happened.getTime() > latest) return "DATED_AHEAD";
  if (kind === "r") {
    const [begins, ends] = [dayOf(entry.df), dayOf(entry.du)];
    if (begins && begins.getTime() > latest) return "RECOVERY_NOT_YET_VALID";
    if (ends && ends.getTime() < earliest) return "RECOVERY_ENDED";
  }
  return null;
}

export function bornAhead(payload, now) {
  if (typeof payload.dob !== "string") return false;
  const text = payload.dob.slice(0, 10);
  const first = dayOf([4, 7].includes(text.length) ? text + "-01-01".slice(text.length - 4) : text);
  return first !== null && first.getTime() > dayAt(now, EAST_MS);
}
