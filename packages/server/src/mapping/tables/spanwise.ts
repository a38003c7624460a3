import type { AliasTable } from "../table.ts";

const STATUS_WORDS = Object.fromEntries(
  ["running", "ok", "error", "cancelled", "interrupted", "incomplete"].map((status) => [status, status]),
);

/** What Langfuse's attributes have no word for; `docs/architecture.md`, section "Wire". Links, retries and truncation stay raw. */
export const SPANWISE_TABLE: AliasTable = {
  convention: "spanwise",
  edition: "1",
  fields: {
    status: [{ key: "spanwise.observation.status", on: "span", words: STATUS_WORDS }],
    record: [{ key: "spanwise.record", on: "span", words: { start: "start" } }],
    instanceId: [{ key: "spanwise.instance.id" }],
    provider: [{ key: "spanwise.provider", on: "span" }],
    usageAggregate: [{ key: "spanwise.usage.aggregate", on: "span" }],
  },
};
