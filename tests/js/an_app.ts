/** What an app does: pushes a dose, watches it, shows the passport, looks at the worklist. */
import { connect, data, events, ProblemError, type UploadedDose } from "./client.ts";

type Told = { origin: string; dose: UploadedDose; tokens: Record<"clinic" | "citizen" | "office", string> };

const told = JSON.parse(process.argv[2] ?? "") as Told;
const clinic = connect(told.origin, told.tokens.clinic).records;

const push = () =>
  clinic.POST("/records/v1/batches", {
    params: { header: { "Idempotency-Key": "an-app-in-typescript" } },
    body: { doses: [told.dose] },
  });
const first = await push();
const batch = data(first);
const again = await push();

const params = { path: { batch_id: batch.batch_id } };
let settled = false;
const watched = await clinic.GET("/records/v1/batches/{batch_id}/events", { params, parseAs: "stream" });
if (watched.data) for await (const moved of events(watched.data)) settled = moved.settled;
const rows = data(await clinic.GET("/records/v1/batches/{batch_id}/rows", { params }));

const passport = data(await connect(told.origin, told.tokens.citizen).signer.GET("/signer/v1/me/passport"));

const office = connect(told.origin, told.tokens.office).records;
const page = data(await office.GET("/records/v1/worklist", { params: { query: { limit: 1 } } }));

let refused = "";
try {
  data(await office.GET("/records/v1/doses/{dose_id}", { params: { path: { dose_id: 999_999_999 } } }));
} catch (error) {
  if (!(error instanceof ProblemError)) throw error;
  refused = error.problem.code;
}

const verdict = data(
  await connect(told.origin).signer.POST("/signer/v1/verify", {
    body: { qr: passport.certificates[0]?.qr ?? "" },
  }),
);

console.log(
  JSON.stringify({
    batch_id: batch.batch_id,
    first_replayed: first.response.headers.get("Idempotency-Replayed"),
    again: [again.data?.batch_id, again.response.headers.get("Idempotency-Replayed")],
    settled,
    states: rows.items.map((row) => row.state),
    fields: passport.fields.length,
    certificates: passport.certificates.map((one) => one.status),
    waiting: page.items.length,
    refused,
    verdict: verdict.code,
  }),
);
