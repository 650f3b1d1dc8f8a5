// What the text of a code may mean once mails, forms and addresses have had it: as the server reads
// it (services/signer/hcert/code_text.py), the likeliest first.
export const LONGEST = 8_192;
const MOST = 4 * LONGEST;
const BREAK = /[\r\n\v\f\x85\u2028\u2029]+/u;
const UNSEEN = /[\p{Cc}\p{Cf}]/gu;
const DOUBTFUL = 18;
const LONG = 2_000;

const unseen = (line) => line.replace(UNSEEN, "");

export function* readings(given) {
  let text = given;
  if (text.length <= MOST && /^\s*HC1%3A/i.test(text)) {
    const joined = unseen(text).split(/\s+/).join("").replaceAll("+", " ");
    text = joined.replace(/%[0-9a-f]{2}/gi, (coded) =>
      String.fromCharCode(Number.parseInt(coded.slice(1), 16)),
    );
  }
  if (text.length > MOST || /^[\x20-\x7e]*$/.test(text)) {
    yield text.trim();
    return;
  }
  let lines = text.replace(/\p{Zs}/gu, " ").split(BREAK).map(unseen);
  yield lines.join("").trim();
  lines = lines.filter((line) => line.trim());
  if (lines.length < 2) return;
  const [margin] = /^[ >|]*/.exec(lines[0]);
  lines = lines.map((line) => (line.startsWith(margin) ? line.slice(margin.length) : line));
  yield lines.join("").trim();
  const bare = lines.map((line) => line.trim());
  yield bare.join("");
  yield bare.join(" ");
  yield* eachBreak(bare);
}

function* eachBreak(lines) {
  const width = Math.max(...lines.map((line) => line.length));
  const doubtful = lines
    .slice(0, -1)
    .flatMap((line, at) => (line.length === width || line.endsWith("-") ? [at] : []));
  const few = doubtful.length <= DOUBTFUL && lines.length * width <= LONG;
  for (const spaced of few ? chosen(doubtful) : [[]]) {
    const within = new Set(doubtful.filter((at) => !spaced.includes(at)));
    yield lines
      .map((line, at) => line + (at === lines.length - 1 || within.has(at) ? "" : " "))
      .join("");
  }
}

function* chosen(places) {
  yield [];
  for (const place of places) yield [place];
  for (let one = 0; one < places.length; one += 1) {
    for (let two = one + 1; two < places.length; two += 1) yield [places[one], places[two]];
  }
}
