import { flush, getActiveObservation, init, observe, propagateAttributes } from "@spanwise/core";
import { startActiveObservation, startObservation } from "@spanwise/core";

/** The same program on every runtime: `check.ts` says what has to arrive. */
export async function program(baseUrl) {
  const tracer = init({ baseUrl, logLevel: "error" });
  const answer = observe(
    async (question) => {
      const self = getActiveObservation();
      startActiveObservation("retrieve", () => startObservation("rank", { input: ["größe", "寸"] }).end());
      await new Promise((resolve) => setTimeout(resolve, 5));
      const draft = self.generation("draft", { model: "gpt-4o", input: question });
      draft.end({ output: "because ✓", usageDetails: { input: 12, output: 30 } });
      self.score({ name: "helpful", value: 1 });
      return { answer: "because", seen: new Map([["docs", 3n]]) };
    },
    { name: "answer", type: "agent" },
  );
  await propagateAttributes({ traceName: "runtimes", userId: "u1" }, () => answer("why?"));
  const failing = observe(() => Promise.reject(new TypeError("theirs")), { name: "failing" });
  const thrown = await failing().catch((error) => error.message);
  const keepsContext = await startActiveObservation("waits", async (span) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return getActiveObservation()?.id === span.id;
  });
  const { pending } = await flush();
  const { started, sent, dropped } = tracer.stats();
  return { started, sent, dropped, pending, thrown, keepsContext };
}

const url = globalThis.process?.env?.SINK_URL;
if (url !== undefined) console.log(JSON.stringify(await program(url)));
