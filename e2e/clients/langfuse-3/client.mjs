import { Langfuse } from "langfuse";

/** A client of the server; what it complains about ends up in `problems`. */
export const problems = [];
export const langfuse = new Langfuse({
  baseUrl: process.env.SPANWISE_URL,
  publicKey: "pk-lf-contract",
  secretKey: "sk-lf-contract",
  release: "r-7",
  environment: "contract",
});
for (const event of ["error", "warning"]) langfuse.on(event, (detail) => problems.push(`${event}: ${String(detail)}`));

/** Ends the program with what it did. */
export async function report(facts) {
  await langfuse.shutdownAsync();
  process.stdout.write(`${JSON.stringify({ ...facts, problems })}\n`);
}

/** As the client's own answer says: it has every call answered with `{ data }`. */
export const dataOf = (answer) => answer.data;
