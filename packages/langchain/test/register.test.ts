import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { CallbackHandler } from "../src/index.ts";
import { MAJORS, type LangChain } from "./support/majors.ts";
import { createTraced } from "./support/traced.ts";
import { shape } from "./support/tree.ts";

const require = createRequire(import.meta.url);

describe.each(MAJORS)("core $version", { timeout: 30_000 }, ({ version, load }) => {
  let lc: LangChain;
  let undo = (): void => {};
  beforeAll(async () => {
    lc = await load();
  }, 60_000);
  afterEach(() => undo());
  const register = () => {
    const traced = createTraced();
    undo = CallbackHandler.registerGlobally({
      tracer: traced.tracer,
      // The copy that this package does not resolve to has to be shown.
      ...(version === "0.3" && { callbackManagers: [lc.CallbackManager] }),
    });
    return traced;
  };
  const chain = () => lc.RunnableLambda.from((x: string) => x).pipe(lc.RunnableLambda.from((x: string) => `${x}!`));

  it("every run, until it is undone", async () => {
    const { roots } = register();
    await chain().invoke("a", { tags: ["t"], metadata: { userId: "u" } });
    undo();
    await chain().invoke("b");
    const all = await roots();
    expect(all.map(shape)).toEqual(["RunnableSequence(RunnableLambda, RunnableLambda)"]);
    expect(all[0]!.trace).toMatchObject({ userId: "u", tags: ["t"] });
  });

  it("a handler of the call's own is not joined, and the caller's list is not added to", async () => {
    const { roots } = register();
    const own = createTraced();
    const callbacks = [new CallbackHandler({ tracer: own.tracer })];
    await chain().invoke("a", { callbacks });
    expect(callbacks).toHaveLength(1);
    expect(await roots()).toEqual([]);
    expect(await own.roots()).toHaveLength(1);
  });

  it("beside handlers of others, and nested calls that pass nothing", async () => {
    const { roots } = register();
    const seen: string[] = [];
    const other = { handleChainStart: (_c: unknown, _i: unknown, id: string) => void seen.push(id) };
    const outer = lc.RunnableLambda.from(async (x: string) => chain().invoke(x)).withConfig({ runName: "outer" });
    await outer.invoke("a", { callbacks: [other] });
    expect((await roots()).map(shape)).toEqual(["outer(RunnableSequence(RunnableLambda, RunnableLambda))"]);
    expect(seen.length).toBeGreaterThan(0);
  });

  it("a server that listens already", async () => {
    const http = createServer((_request, response) => {
      void chain()
        .invoke("r")
        .then((text) => response.end(text));
    });
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const { roots } = register();
    const answer = await fetch(`http://127.0.0.1:${(http.address() as AddressInfo).port}`);
    expect(await answer.text()).toBe("r!");
    http.close();
    expect((await roots()).map(shape)).toEqual(["RunnableSequence(RunnableLambda, RunnableLambda)"]);
  });

  it.runIf(version === "1")("the CommonJS build too", async () => {
    const { roots } = register();
    const cjs = require("@langchain/core/runnables") as Pick<LangChain, "RunnableLambda">;
    expect(cjs.RunnableLambda).not.toBe(lc.RunnableLambda);
    await cjs.RunnableLambda.from((x: string) => x)
      .withConfig({ runName: "common" })
      .invoke("x");
    expect((await roots()).map(shape)).toEqual(["common"]);
  });
});
