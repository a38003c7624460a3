import { expect, it } from "vitest";
import type { SpanwiseServer } from "../src/index.ts";
import { lone, postJson, send } from "./hostile/hostile-server.ts";
import { withServer } from "./with-server.ts";

/** What spreadsheets take for formulas, by https://owasp.org/www-community/attacks/CSV_Injection. */
const FORMULAS = [
  "=1+1",
  '=HYPERLINK("http://evil.example","click, me")',
  "+1+cmd|' /C calc'!A0",
  "-2+3",
  "@SUM(A1:A9)",
  "\t=1+1",
  "\r=1+1",
  "\n=1+1",
  "\uff1d1+1",
  "\uff0b1",
  "\uff0d1",
  "\uff20SUM(A1)",
  "-",
  "--5",
  "-5x",
  "-0x10",
  "-Infinity",
  "- a list\n- of Markdown",
  // As they come out of the guard themselves.
  "'=1+1",
  "''=1+1",
];
const PLAIN = ["'", "'quoted'", "a=b", " =1+1", "a\r\n=1", "x".repeat(9), 'say "hi"', "1+1"];
const NUMBERS = [-5, -0.5, 1e21, -1e-7, 5, 0];

/** RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [whole, , quoted, bare = "", end = ""] of text.matchAll(
    /(?:("((?:[^"]|"")*)")|([^,\r\n"]*))(,|\r\n|$)/g,
  )) {
    if (whole === "" && row.length === 0) break;
    row.push(quoted?.replaceAll('""', '"') ?? bare);
    if (end !== ",") rows.push(row.splice(0));
    row = end === "," ? row : [];
  }
  return rows;
}

async function column(server: SpanwiseServer, path: string, name: string): Promise<string[]> {
  const answer = await fetch(`${server.url}${path}`);
  expect(answer.status).toBe(200);
  const [head = [], ...rows] = parseCsv(await answer.text());
  const place = head.indexOf(name);
  expect(place).toBeGreaterThanOrEqual(0);
  expect(rows.every((row) => row.length === head.length)).toBe(true);
  return rows.map((row) => row[place] ?? "");
}

const isFormula = (cell: string): boolean => /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(cell);
/** How a reader gets back what was there, as the documentation says. */
const unguarded = (cell: string): string => cell.replace(/^'(?='*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])/, "");

it("holds texts of dataset items that no spreadsheet takes for formulas, and numbers as numbers", () =>
  withServer({}, async (server) => {
    expect((await postJson(server, "/api/datasets", { name: "d" })).status).toBe(201);
    const texts = [...FORMULAS, ...PLAIN];
    for (const input of [...texts, ...NUMBERS]) {
      expect((await postJson(server, "/api/datasets/d/items", { input, metadata: { input } })).status).toBe(201);
    }
    // A name that is one, as well.
    expect((await postJson(server, "/api/datasets/d/items", { id: "=id", input: "x" })).status).toBe(201);
    const path = "/api/datasets/d/export?format=csv";
    const cells = await column(server, path, "input");
    const isNumber = (cell: string): boolean => NUMBERS.some((number) => cell === JSON.stringify(number));
    expect(cells.filter((cell) => isFormula(cell) && !isNumber(cell))).toEqual([]);
    expect(new Set(cells.map(unguarded))).toEqual(
      new Set([...texts, ...NUMBERS.map((number) => JSON.stringify(number)), "x"]),
    );
    expect(cells).toEqual(expect.arrayContaining(["-5", "-0.5", "-1e-7"]));
    expect(await column(server, path, "id")).toContain("'=id");
  }));

it("holds what observations say in the same way", () =>
  withServer({}, async (server) => {
    // Surrounding white space of names is theirs.
    const texts = [...FORMULAS, ...PLAIN];
    await send(
      server,
      texts.map((name, index) => lone(index + 1, { "langfuse.user.id": name }, name)),
    );
    await send(
      server,
      NUMBERS.map((number, index) => lone(1000 + index, { "langfuse.observation.output": number }, "number")),
    );
    for (const name of ["name", "userId"]) {
      const cells = await column(server, "/api/export?format=csv", name);
      expect(cells.filter(isFormula)).toEqual([]);
      expect(cells.map(unguarded)).toEqual(expect.arrayContaining(texts));
    }
    const outputs = await column(server, "/api/export?format=csv", "output");
    expect(outputs).toEqual(expect.arrayContaining(NUMBERS.map((number) => JSON.stringify(number))));
  }));
