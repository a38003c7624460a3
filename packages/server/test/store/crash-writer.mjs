// Writes batches of two observations as fast as they are acknowledged, and prints the number of each that was. Killed by its test.
import { transpileSource } from "../../scripts/transpile-source.mjs";

const [path, first] = [process.argv[2], Number(process.argv[3])];
const source = await transpileSource();
const { openSqliteStore } = await import(new URL("store/sqlite/sqlite-store.js", source).href);
const { RECORD_RANK } = await import(new URL("model/observation.js", source).href);
const store = await openSqliteStore({ path });

const hex = (number, digits) => number.toString(16).padStart(digits, "0");
const NONE = Object.fromEntries(
  [
    "parentId",
    "completionStartTime",
    "statusMessage",
    "model",
    "provider",
    "usage",
    "cost",
    "costSource",
    "promptName",
    "promptVersion",
    "traceName",
    "userId",
    "sessionId",
    "tags",
    "environment",
    "release",
    "version",
    "public",
    "instanceId",
    "scopeName",
    "scopeVersion",
    "inputPreview",
    "outputPreview",
  ].map((name) => [name, null]),
);
const EMPTY = Object.fromEntries(
  ["output", "metadata", "modelParameters", "traceMetadata", "attributes", "resource", "events", "span"].map((name) => [
    name,
    null,
  ]),
);

function row(number, index, input) {
  return {
    ...NONE,
    traceId: hex(number + 1, 32),
    id: hex(index, 16),
    isRoot: true,
    type: "span",
    name: "row",
    startTime: 1_795_000_000_000 + index,
    endTime: 1_795_000_000_010,
    level: "DEFAULT",
    status: "ok",
    rank: RECORD_RANK.end,
    usageAggregate: false,
    payload: { ...EMPTY, input: JSON.stringify(input) },
  };
}

async function write(number) {
  const observations = [row(number, 1, `first of ${number}`), row(number, 2, `second of ${number} in words`)];
  await store.writeBatch("default", { observations, scores: [], bytes: 1000 });
  process.stdout.write(`${number}\n`);
}

let number = first;
await Promise.all(
  Array.from({ length: 8 }, async () => {
    for (;;) {
      number += 1;
      await write(number);
    }
  }),
);
