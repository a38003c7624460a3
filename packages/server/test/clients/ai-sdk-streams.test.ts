import { expect, it } from "vitest";
import { CLIENT_TIMEOUT_MS, newerNode, runClient, type ClientRun } from "./run-client.ts";

interface Usage {
  inputTokens?: number;
  promptTokens?: number;
  outputTokens?: number;
  completionTokens?: number;
}

const tokensOf = (usage: Usage): { input: number; output: number } => ({
  input: usage.inputTokens ?? usage.promptTokens ?? Number.NaN,
  output: usage.outputTokens ?? usage.completionTokens ?? Number.NaN,
});

/** Each part of the program has a span of its own, with the calls of the SDK below. */
function callsBelow({ details }: ClientRun, part: string) {
  const root = details.find((one) => one.name === part && one.type === "span");
  const below = (id: string | undefined): typeof details =>
    details.filter((one) => one.parentId === id).flatMap((one) => [one, ...below(one.id)]);
  const all = below(root?.id);
  return { all, calls: all.filter((one) => one.type === "generation") };
}

function expectToolLoop(run: ClientRun): void {
  const { steps, final, firstTextAtMs } = run.facts.tools;
  const { all, calls } = callsBelow(run, "tools");
  expect(calls.map(({ usage, status }) => ({ usage, status }))).toMatchObject(
    (steps as Usage[]).map((usage) => ({ usage: tokensOf(usage), status: "ok" })),
  );
  expect(JSON.stringify(calls[0]?.output)).toContain("weather");
  expect(JSON.stringify(calls[1]?.output)).toContain(JSON.stringify(final).slice(1, -1));
  expect(all.filter((one) => one.type === "tool")).toMatchObject([
    { name: "weather", input: { city: "Paris" }, output: { city: "Paris", celsius: 21 } },
  ]);
  for (const call of calls) {
    expect(call.completionStartTime).toBeGreaterThan(call.startTime);
    expect(call.completionStartTime).toBeLessThanOrEqual(call.endTime ?? 0);
  }
  // The program saw the first word when it came, give or take a turn of a loaded machine.
  expect(Math.abs((calls[1]?.completionStartTime ?? 0) - firstTextAtMs)).toBeLessThan(500);
}

function expectFailures(run: ClientRun, major: number): void {
  const { facts } = run;
  const [broken] = callsBelow(run, "event").calls;
  expect(broken).toMatchObject({ status: "error", level: "ERROR" });
  expect(broken?.statusMessage).toBe("The model's answer ended with finish reason error.");
  expect(JSON.stringify(broken?.output)).toContain(facts.event.text);
  const [refused] = callsBelow(run, "refused").calls;
  expect(refused).toMatchObject({ status: "error", statusMessage: facts.refused.errors[0] });
  // Majors 4 to 6 never end the spans of a lost connection; what is not sent cannot be stored.
  const [lost] = callsBelow(run, "lost").calls;
  if (major >= 7) expect(lost).toMatchObject({ status: "error", statusMessage: facts.lost.errors[0] });
  else expect(lost).toBeUndefined();
}

it.for([4, 5, 6, 7])(
  "streams of AI SDK %i are stored as what the program saw",
  { timeout: CLIENT_TIMEOUT_MS * 2 },
  async (major, context) => {
    const node = major >= 7 ? newerNode() : process.execPath;
    if (node === null) {
      context.skip("AI SDK 7 needs Node 22: npx could not get node@24.");
      return;
    }
    const run = await runClient(["ai-sdk/streaming.mjs", String(major)], node);
    const { facts, trace } = run;
    expect(trace).toMatchObject({ traceId: facts.traceId, name: "request", userId: "user-7", sessionId: "session-7" });
    expectToolLoop(run);
    expectFailures(run, major);
    const [object] = callsBelow(run, "object").calls;
    const objectUsage = tokensOf(facts.object.usage);
    expect(object).toMatchObject({ usage: objectUsage });
    expect(JSON.stringify(object?.output)).toContain(String(facts.object.object.name));
    // Outer spans repeat the sums of the calls inside of them.
    const counted = [...(facts.tools.steps as Usage[]).map(tokensOf), objectUsage];
    expect(trace.totalTokens).toBe(counted.reduce((sum, { input, output }) => sum + input + output, 0));
  },
);
