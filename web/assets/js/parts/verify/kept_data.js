// The signed data as this phone keeps them, fetched anew whenever there is a network. What is kept
// is checked as what is fetched: whoever can write to the browser's store gains nothing by it.
import { BadDataError, openSigned, usable } from "./signed_data.js";

const STORE = "verify-data";
const DATA = "/verify/data";
const PINS = "/verify/pins";

async function kept(address) {
  const store = await caches.open(STORE);
  const answer = await store.match(address);
  return answer ? answer.json() : null;
}

async function keep(address, content) {
  const store = await caches.open(STORE);
  await store.put(address, new Response(JSON.stringify(content)));
}

// what was kept, ready to judge by; null where nothing was, or what was kept is damaged
export async function keptData() {
  const [data, pins] = [await kept(DATA), await kept(PINS)];
  if (!data || !pins) return null;
  try {
    return usable((await openSigned(data.signed, pins)).content);
  } catch {
    return null;
  }
}

// fetches and keeps; gives null where there is no network, BadDataError where somebody else signed
export async function freshData(current) {
  let signed;
  try {
    const answer = await fetch(DATA, { cache: "no-store" });
    if (!answer.ok) return null;
    ({ signed } = await answer.json());
  } catch {
    return null;
  }
  const { content, pins } = await openSigned(signed, await kept(PINS));
  const fresh = usable(content);
  if (current && fresh.issuedAt < current.issuedAt) throw new BadDataError("older than what is known");
  await keep(PINS, pins);
  await keep(DATA, { signed });
  return fresh;
}
