import { expect, it } from "vitest";
import { STORES, ask, lone, send, withStore } from "./hostile-server.ts";

it.each(STORES)("says that a trace is not there when words are looked for in it (%s)", (store) =>
  withStore(store, async (server) => {
    for (const q of ["", "word"]) expect((await ask(server, `/api/traces/nothing/find?q=${q}`)).status).toBe(404);
  }),
);

it.each(STORES)("answers filters of thousands of values (%s)", (store) =>
  withStore(store, async (server) => {
    await send(server, [
      lone(1, { "langfuse.environment": "v7", "langfuse.trace.tags": ["v8"], "gen_ai.request.model": "v9" }, "v10"),
    ]);
    const values = Array.from({ length: 1800 }, (_, index) => `v${index}`);
    const list = (column: string, type: string, operator: string): string =>
      `filter=${encodeURIComponent(JSON.stringify([{ type, column, operator, value: values.slice(0, 1200) }]))}`;
    const paths = [
      `/api/public/traces?environment=${values.join(",")}`,
      `/api/public/v2/observations?environment=${values.join(",")}`,
      `/api/public/observations?environment=${values.join(",")}`,
      `/api/public/metrics/daily?environment=${values.join(",")}`,
      `/api/public/traces?${list("name", "stringOptions", "any of")}`,
      `/api/public/traces?${list("tags", "arrayOptions", "any of")}`,
      `/api/public/v2/observations?${list("model", "stringOptions", "any of")}`,
    ];
    for (const path of paths) {
      const { status, text } = await ask(server, path);
      expect([path.slice(0, 60), status, (JSON.parse(text) as { data: unknown[] }).data.length]).toEqual([
        path.slice(0, 60),
        200,
        1,
      ]);
    }
    for (const path of [
      `/api/public/traces?${list("tags", "arrayOptions", "all of")}`,
      `/api/public/traces?${values
        .slice(0, 1200)
        .map((value) => `tags=${value}`)
        .join("&")}`,
      `/api/public/v2/observations?${list("model", "stringOptions", "none of")}`,
    ]) {
      const { status, text } = await ask(server, path);
      expect([status, (JSON.parse(text) as { data: unknown[] }).data]).toEqual([200, []]);
    }
  }),
);

it.each(STORES)("answers a pattern of many stars at once (%s)", (store) =>
  withStore(store, async (server) => {
    await send(server, [lone(1, {}, "a".repeat(1000)), lone(2, {}, "aXbXc")]);
    const found = async (pattern: string): Promise<number> => {
      const { text } = await ask(server, `/api/traces?q=${encodeURIComponent(`name:${pattern}`)}`);
      return (JSON.parse(text) as { data: unknown[] }).data.length;
    };
    expect(await found(`${"*a".repeat(40)}*b`)).toBe(0);
    expect(await found(`${"*a".repeat(40)}*`)).toBe(1);
    for (const [pattern, count] of [
      ["a*c", 1],
      ["a*b*c", 1],
      ["aXbXc*", 1],
      ["*aXbXc", 1],
      ["aXb*bXc", 0],
      ["*X*X*", 1],
      ["*X*X*X*", 0],
      ["*", 2],
    ] as const) {
      expect([pattern, await found(pattern)]).toEqual([pattern, count]);
    }
  }),
);

it.each(STORES)("finds a long name by its end, and a part of it by its beginning (%s)", (store) =>
  withStore(store, async (server) => {
    const name = `${"SELECT 😀, ".repeat(60)}FROM orders`;
    await send(server, [lone(1, {}, name), lone(2, {}, "other")]);
    for (const q of ["name:*orders", `name:${JSON.stringify(name)}`, "name:SELECT*", "name:*FROM*"]) {
      const { text } = await ask(server, `/api/observations?q=${encodeURIComponent(q)}`);
      expect([q, (JSON.parse(text) as { data: { name: string }[] }).data.map((row) => row.name)]).toEqual([q, [name]]);
    }
  }),
);
