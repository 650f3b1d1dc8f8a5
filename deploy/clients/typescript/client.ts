/** One client a service, typed by its contract. Node runs this file as it stands. */
import createClient from "openapi-fetch";
import type { components as Records, paths as RecordsPaths } from "./records.ts";
import type { paths as SignerPaths } from "./signer.ts";
import type { paths as VerifierPaths } from "./verifier.ts";

export type Problem = Records["schemas"]["Problem"];
export type UploadedDose = Records["schemas"]["UploadedDose"];
export type Batch = Records["schemas"]["Batch"];

/** What the services answered instead of what was asked for: `code` is for programs. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message || problem.detail);
    this.problem = problem;
  }
}

/** The three services at one origin, in the name of one token; none for what is public. */
export function connect(origin: string, token?: string) {
  const headers: Record<string, string> = token ? { Authorization: `Bearer ${token}` } : {};
  const options = { baseUrl: origin, headers };
  return {
    records: createClient<RecordsPaths>(options),
    verifier: createClient<VerifierPaths>(options),
    signer: createClient<SignerPaths>(options),
  };
}

/** The data of an answer; ProblemError where it is a problem document. */
export function data<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.error !== undefined) throw new ProblemError(answer.error as Problem);
  return answer.data as T;
}

/** The events of a batch while it moves: the batch each time, at last the settled one. */
export async function* events(stream: ReadableStream<Uint8Array>): AsyncGenerator<Batch> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const whole = text.split("\n\n");
    text = whole.pop() ?? "";
    for (const event of whole) {
      const line = event.split("\n").find((one) => one.startsWith("data: "));
      if (line) yield JSON.parse(line.slice("data: ".length)) as Batch;
    }
  }
}
