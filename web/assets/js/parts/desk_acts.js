// Sends what somebody did at the desk: once, whatever the network does, and by nobody else's hand.
const TRIES = 6;

const token = () => document.querySelector('meta[name="csrf-token"]')?.content ?? "";
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

// Answers { ok, status, … } with the words of the service in both languages.
// What may have arrived is sent again with the same key, which makes it one act.
export async function send(action, data, retrying) {
  for (let tried = 1; ; tried += 1) {
    let answer;
    try {
      answer = await fetch(action, {
        method: "POST",
        body: data,
        keepalive: true, // a page that is left still sends it
        headers: { Accept: "application/json", "X-CSRF-Token": token(), "HX-Request": "true" },
      });
    } catch {
      answer = null;
    }
    const target = answer?.headers.get("HX-Redirect");
    if (target) {
      location.assign(target); // the session has ended: what was sent waits there
      return new Promise(() => {});
    }
    if (answer && answer.status !== 503 && answer.status !== 502) return read(answer);
    if (tried === TRIES) return answer ? read(answer) : { ok: false, status: 503 };
    retrying();
    await wait(500 * 2 ** tried);
  }
}

async function read(answer) {
  let told = {};
  try {
    told = await answer.json();
  } catch {
    // a page of an error: its status says enough
  }
  return { ...told, ok: answer.ok, status: answer.status };
}
