import { expect, it } from "vitest";
import { CallbackHandler } from "../src/index.ts";
import { createScriptedModel } from "./support/chat-models.ts";
import { MAJORS } from "./support/majors.ts";
import { createTraced } from "./support/traced.ts";
import { shape } from "./support/tree.ts";

// In a file, and so in a process, of its own: until an AsyncLocalStorage is used for the first time Node does not follow promises,
// and what is entered inside one is then entered for everybody.
it("the very first model call of a process leaks nothing into what runs beside it", async () => {
  const lc = await MAJORS[1]!.load();
  const { tracer, roots } = createTraced();
  const callbacks = [new CallbackHandler({ tracer })];
  const model = createScriptedModel(lc, () => ({ content: "ok" }));
  const beside = lc.RunnableLambda.from((x: string) => x).withConfig({ runName: "beside" });
  await Promise.all([model.invoke("x", { callbacks }), beside.invoke("x", { callbacks })]);
  expect(tracer.getActiveObservation()).toBeUndefined();
  expect((await roots()).map(shape).toSorted()).toEqual(["ScriptedModel", "beside"]);
}, 30_000);
