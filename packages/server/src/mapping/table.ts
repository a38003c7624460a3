import type { AttributeValue, Attributes } from "../ingest/otlp-span.ts";

/** What an attribute can be read as. `mapSpan` turns each into columns. */
export type Field =
  | "record"
  | "status"
  | "level"
  | "statusMessage"
  | "type"
  | "toolName"
  | "model"
  | "provider"
  | "modelParameters"
  | "usage"
  | "usageAggregate"
  | "cost"
  | "totalCost"
  | "completionStartTime"
  | "secondsToFirstToken"
  | "input"
  | "output"
  | "systemInstructions"
  | "metadata"
  | "promptName"
  | "promptVersion"
  | "traceName"
  | "userId"
  | "sessionId"
  | "tags"
  | "traceMetadata"
  | "traceInput"
  | "traceOutput"
  | "public"
  | "environment"
  | "release"
  | "version"
  | "instanceId"
  | "asRoot";

/** Fields gathered key by key from attributes with a common prefix: `langfuse.trace.metadata.<key>`. */
export type GroupField = "metadata" | "traceMetadata" | "modelParameters" | "inclusiveUsage";

export interface Source {
  key: string;
  /** Where to look. Default `both`: the span's attribute first, then the resource's. */
  on?: "span" | "both" | undefined;
  /** Reads the attribute's words as ours (compared in lower case); a word that is not listed is no value. */
  words?: Readonly<Record<string, string>> | undefined;
}

/** One convention's attribute names as data. A new convention is a new table, not new code. */
export interface AliasTable {
  convention: string;
  /** Which edition of the convention the names were taken from. */
  edition: string;
  /** In order: the first attribute present with a usable value wins. */
  fields: Readonly<Partial<Record<Field, readonly Source[]>>>;
  groups?: Readonly<Partial<Record<GroupField, readonly string[]>>> | undefined;
}

interface Entry {
  field: Field;
  /** Lower wins: table order, then the order inside the field. */
  priority: number;
  words: Readonly<Record<string, string>> | undefined;
  onResource: boolean;
}

export interface MappedAttributes {
  fields: Partial<Record<Field, AttributeValue>>;
  groups: Partial<Record<GroupField, Map<string, AttributeValue>>>;
  /** Whatever no field took, as received: unknown names, unusable values, and sources that lost to a better one. */
  rest: Attributes;
}

/** Reads span and resource attributes through the tables in one pass over the span's attributes. */
export class AttributeMapper {
  readonly #entries = new Map<string, Entry[]>();
  readonly #prefixes: { prefix: string; group: GroupField }[] = [];
  readonly #resourceKeys: string[];

  /** @param tables the most trusted convention first. */
  constructor(tables: readonly AliasTable[]) {
    let priority = 0;
    for (const table of tables) {
      for (const [field, sources] of Object.entries(table.fields) as [Field, readonly Source[]][]) {
        for (const source of sources) {
          priority += 1;
          const entry = { field, priority, words: source.words, onResource: source.on !== "span" };
          this.#entries.set(source.key, [...(this.#entries.get(source.key) ?? []), entry]);
        }
      }
      for (const [group, prefixes] of Object.entries(table.groups ?? {}) as [GroupField, readonly string[]][]) {
        for (const prefix of prefixes) this.#prefixes.push({ prefix, group });
      }
    }
    this.#resourceKeys = [...this.#entries]
      .filter(([, entries]) => entries.some((entry) => entry.onResource))
      .map(([key]) => key);
  }

  map(attributes: Attributes, resource: Attributes): MappedAttributes {
    const best = new Map<Field, { priority: number; value: AttributeValue; key: string | null }>();
    const groups: MappedAttributes["groups"] = {};
    const rest: Attributes = new Map();

    for (const [key, value] of attributes) {
      const entries = this.#entries.get(key);
      if (entries === undefined) {
        if (!this.#group(groups, key, value)) rest.set(key, value);
        continue;
      }
      let taken = false;
      for (const entry of entries) {
        const read = readWord(value, entry.words);
        if (read === undefined) continue;
        const current = best.get(entry.field);
        if (current !== undefined && current.priority <= entry.priority) continue;
        if (current?.key != null && !isSame(current.value, read))
          rest.set(current.key, attributes.get(current.key) ?? null);
        best.set(entry.field, { priority: entry.priority, value: read, key });
        taken = true;
      }
      if (!taken && !entries.some((entry) => isSame(best.get(entry.field)?.value, value))) rest.set(key, value);
    }

    for (const key of this.#resourceKeys) {
      const value = resource.get(key);
      if (value === undefined) continue;
      for (const entry of this.#entries.get(key) ?? []) {
        if (!entry.onResource || best.has(entry.field)) continue;
        const read = readWord(value, entry.words);
        if (read !== undefined) best.set(entry.field, { priority: entry.priority, value: read, key: null });
      }
    }

    const fields: MappedAttributes["fields"] = {};
    for (const [field, { value }] of best) fields[field] = value;
    return { fields, groups, rest };
  }

  #group(groups: MappedAttributes["groups"], key: string, value: AttributeValue): boolean {
    for (const { prefix, group } of this.#prefixes) {
      if (key.length <= prefix.length || !key.startsWith(prefix)) continue;
      const members = (groups[group] ??= new Map<string, AttributeValue>());
      members.set(key.slice(prefix.length), value);
      return true;
    }
    return false;
  }
}

function readWord(
  value: AttributeValue,
  words: Readonly<Record<string, string>> | undefined,
): AttributeValue | undefined {
  if (value === null || value === "") return undefined;
  if (words === undefined) return value;
  if (typeof value !== "string") return undefined;
  const word = value.toLowerCase();
  return Object.hasOwn(words, word) ? words[word] : undefined;
}

/** Scalars only: two payloads are not worth comparing. */
function isSame(a: AttributeValue | undefined, b: AttributeValue): boolean {
  return typeof a !== "object" && a === b;
}
