import type { AttributeValue, Attributes } from "../ingest/otlp-span.ts";
import { parsePath, type FlatAttribute } from "./flat-list.ts";
import {
  FIELDS,
  type AliasTable,
  type Field,
  type FlatList,
  type GroupField,
  type ListField,
  type Source,
  type UsageName,
} from "./table.ts";
import { parseScalar, parseStructure } from "./values.ts";

/** A count as it was found; details still inside of the sums that include them. */
export interface FoundCount extends UsageName {
  count: AttributeValue;
  /** Lower wins. */
  priority: number;
}

/** By what follows the prefix: the attribute's whole name and its value. Of two, the one with the lower rank. */
export type GroupMembers = Map<string, { key: string; value: AttributeValue; rank: number }>;

type Blank = Record<"input" | "output", string | null>;

export interface MappedAttributes {
  fields: Readonly<MappedFields>;
  groups: Partial<Record<GroupField, GroupMembers>>;
  lists: Partial<Record<ListField, FlatAttribute[]>>;
  /** By bucket. `null` when no count was sent. */
  counts: Map<string, FoundCount> | null;
  /** The name under which an empty text was sent: it is what went in or came out where nothing else is. */
  blank: Blank;
  /** Whatever no field took to the letter, as received: unknown names, counts, words, values that lost to a better source. */
  rest: Attributes;
  /** Puts what the field was taken from among the rest: it is nothing that the field can be. */
  giveBack: (field: Field) => void;
}

/** One shape for every span, so that the engine compiles reads of it well. */
export type MappedFields = Record<Field, AttributeValue | undefined>;

/** Fields of a column: an object is no value of theirs and stays where it was found. */
const SCALARS: ReadonlySet<Field> = new Set<Field>([
  "statusMessage",
  "errorType",
  "toolName",
  "model",
  "provider",
  "traceName",
  "userId",
  "sessionId",
  "environment",
  "release",
  "version",
  "instanceId",
  "promptName",
  "promptVersion",
  "public",
]);

/** Fields of which an empty text says something: an answer without a word is not a missing one. */
const BLANK_SIDES: Partial<Record<Field, keyof Blank>> = {
  input: "input",
  inputValue: "input",
  output: "output",
  outputValue: "output",
  answerText: "output",
};

interface Entry {
  field: Field;
  /** See {@link SLOTS}. */
  slot: number;
  priority: number;
  source: Source;
}

/** What a name means. Looked up once for each name and kept: the same few hundred names arrive for ever. */
interface Meaning {
  entries: readonly Entry[] | null;
  usage: (UsageName & { priority: number }) | null;
  list: { list: ListField; path: readonly string[] } | null;
  group: { group: GroupField; member: string; rank: number } | null;
}

/** Names remembered, 256 characters each at most: 8 MiB of hostile ones. Others are looked up each time. */
const MAX_REMEMBERED = 16_384;
const MAX_REMEMBERED_CHARS = 256;

/**
 * Characters of JSON of a resource's value that is read as a field of each of its spans: names, versions, metadata of some keys. A larger one stays
 * with the resource: parsing one of 30 KB for each of a thousand tiny spans took seconds.
 */
const MAX_RESOURCE_CHARS = 1024;

const NOTHING: Meaning = { entries: null, usage: null, list: null, group: null };
const NO_PRIORITY = 0xffff;
const TIER = 1000;

/** Position of each field in {@link FIELDS}. */
const SLOTS = Object.fromEntries(FIELDS.map((field, slot) => [field, slot])) as Record<Field, number>;

const EMPTY_FIELDS = Object.fromEntries(FIELDS.map((field) => [field, undefined])) as MappedFields;

/** Reads span and resource attributes through the tables in one pass over the span's attributes. */
export class AttributeMapper {
  readonly #entries = new Map<string, Entry[]>();
  readonly #usage: { prefix: string; names: Readonly<Record<string, UsageName>>; priority: number }[] = [];
  readonly #lists: FlatList[] = [];
  readonly #groups: { prefix: string; group: GroupField }[] = [];
  readonly #resourceKeys: string[];
  readonly #readable = new WeakMap<Attributes, [key: string, value: AttributeValue][]>();
  readonly #meanings = new Map<string, Meaning>();
  readonly #priorities = new Uint16Array(FIELDS.length);
  /** By slot: the name that gave the field its value, while {@link MappedAttributes} of the last span are read. */
  readonly #winners = FIELDS.map((): string | null => null);

  /** @param tables the most trusted convention first. */
  constructor(tables: readonly AliasTable[]) {
    let position = 0;
    for (const table of tables) {
      for (const [field, sources] of Object.entries(table.fields) as [Field, readonly Source[]][]) {
        for (const source of sources) {
          position += 1;
          const priority = (source.tier ?? 0) * TIER + position;
          const entry = { field, slot: SLOTS[field], priority, source };
          this.#entries.set(source.key, [...(this.#entries.get(source.key) ?? []), entry]);
        }
      }
      if (table.usage !== undefined) this.#usage.push({ ...table.usage, priority: position });
      this.#lists.push(...(table.lists ?? []));
      for (const [group, prefixes] of Object.entries(table.groups ?? {}) as [GroupField, readonly string[]][]) {
        for (const prefix of prefixes) this.#groups.push({ prefix, group });
      }
    }
    this.#resourceKeys = [...this.#entries]
      .filter(([, entries]) => entries.some((entry) => entry.source.on !== "span"))
      .map(([key]) => key);
  }

  map(attributes: Attributes, resource: Attributes): MappedAttributes {
    const fields = { ...EMPTY_FIELDS };
    const groups: MappedAttributes["groups"] = {};
    const lists: MappedAttributes["lists"] = {};
    const rest: Attributes = new Map();
    const blank: Blank = { input: null, output: null };
    let counts: MappedAttributes["counts"] = null;
    this.#priorities.fill(NO_PRIORITY);

    for (const [key, value] of attributes) {
      const meaning = this.#meaningOf(key);
      if (meaning.entries !== null) {
        if (value === "" && noteBlank(blank, meaning.entries, key)) continue;
        this.#take(fields, rest, attributes, meaning.entries, key, value);
      } else if (meaning.list !== null) {
        (lists[meaning.list.list] ??= []).push({ key, path: meaning.list.path, value });
      } else if (meaning.group !== null) {
        const members: GroupMembers = (groups[meaning.group.group] ??= new Map());
        const { member, rank } = meaning.group;
        const known = members.get(member);
        if (known !== undefined && known.rank <= rank) rest.set(key, value);
        else {
          if (known !== undefined) rest.set(known.key, known.value);
          members.set(member, { key, value, rank });
        }
      } else {
        // Counts are taken apart into buckets, so they are kept as they came as well.
        rest.set(key, value);
        if (meaning.usage === null || value === null) continue;
        counts ??= new Map<string, FoundCount>();
        const current = counts.get(meaning.usage.bucket);
        if (current === undefined || meaning.usage.priority < current.priority) {
          counts.set(meaning.usage.bucket, { ...meaning.usage, count: value });
        }
      }
    }
    this.#readResource(fields, resource);
    const winners = this.#winners;
    const giveBack = (field: Field): void => {
      const key = winners[SLOTS[field]] ?? null;
      // What came with the resource stays there.
      if (key !== null && fields[field] !== undefined) rest.set(key, attributes.get(key) ?? null);
    };
    return { fields, groups, lists, counts, blank, rest, giveBack };
  }

  #take(
    fields: MappedFields,
    rest: Attributes,
    attributes: Attributes,
    entries: readonly Entry[],
    key: string,
    value: AttributeValue,
  ): void {
    let isTaken = false;
    for (const { field, slot, priority, source } of entries) {
      const read = readSource(value, source);
      if (read === undefined || (typeof read === "object" && SCALARS.has(field))) continue;
      if ((this.#priorities[slot] ?? NO_PRIORITY) <= priority) {
        isTaken ||= isSame(fields[field], value);
        continue;
      }
      const loser = this.#priorities[slot] === NO_PRIORITY ? null : (this.#winners[slot] ?? null);
      if (loser !== null && !isSame(attributes.get(loser), value)) rest.set(loser, attributes.get(loser) ?? null);
      this.#priorities[slot] = priority;
      this.#winners[slot] = key;
      fields[field] = read;
      // A word that was read as one of ours says more than ours does.
      isTaken ||= source.keep !== true && (read === value || source.json === true);
    }
    if (!isTaken) rest.set(key, value);
  }

  #readResource(fields: MappedFields, resource: Attributes): void {
    if (resource.size === 0) return;
    for (const [key, value] of this.#readableOf(resource)) {
      for (const { field, slot, priority, source } of this.#entries.get(key) ?? []) {
        if (source.on === "span" || (fields[field] !== undefined && this.#winners[slot] !== null)) continue;
        if ((this.#priorities[slot] ?? NO_PRIORITY) <= priority) continue;
        const read = readSource(value, source);
        if (read === undefined || (typeof read === "object" && SCALARS.has(field))) continue;
        fields[field] = read;
        this.#priorities[slot] = priority;
        this.#winners[slot] = null;
      }
    }
  }

  /** Found once for all spans of a resource. */
  #readableOf(resource: Attributes): [key: string, value: AttributeValue][] {
    let readable = this.#readable.get(resource);
    if (readable === undefined) {
      readable = this.#resourceKeys.flatMap((key): [string, AttributeValue][] => {
        const value = resource.get(key);
        return value === undefined || JSON.stringify(value).length > MAX_RESOURCE_CHARS ? [] : [[key, value]];
      });
      this.#readable.set(resource, readable);
    }
    return readable;
  }

  #meaningOf(key: string): Meaning {
    const known = this.#meanings.get(key);
    if (known !== undefined) return known;
    const meaning = this.#lookUp(key);
    if (this.#meanings.size < MAX_REMEMBERED && key.length <= MAX_REMEMBERED_CHARS) this.#meanings.set(key, meaning);
    return meaning;
  }

  #lookUp(key: string): Meaning {
    const entries = this.#entries.get(key);
    if (entries !== undefined) return { ...NOTHING, entries };
    for (const { prefix, names, priority } of this.#usage) {
      if (!key.startsWith(prefix)) continue;
      const name = key.slice(prefix.length).replaceAll(".", "_");
      return Object.hasOwn(names, name) ? { ...NOTHING, usage: { ...(names[name] as UsageName), priority } } : NOTHING;
    }
    for (const list of this.#lists) {
      const path = key.startsWith(list.prefix) ? parsePath(key.slice(list.prefix.length), list) : null;
      if (path !== null) return { ...NOTHING, list: { list: list.list, path } };
    }
    for (const [rank, { prefix, group }] of this.#groups.entries()) {
      if (key.length > prefix.length && key.startsWith(prefix)) {
        return { ...NOTHING, group: { group, member: key.slice(prefix.length), rank } };
      }
    }
    return NOTHING;
  }
}

/** @returns whether it is the first of its side. */
function noteBlank(blank: Blank, entries: readonly Entry[], key: string): boolean {
  const side = entries.map(({ field }) => BLANK_SIDES[field]).find((found) => found !== undefined);
  if (side === undefined || blank[side] !== null) return false;
  blank[side] = key;
  return true;
}

function readSource(sent: AttributeValue, source: Source): AttributeValue | undefined {
  if (source.as !== undefined) return source.as;
  const value = source.path === undefined ? sent : readMember(sent, source.path);
  if (value === null || value === "" || value === source.unless) return undefined;
  if (typeof value !== "string") return source.words === undefined ? value : undefined;
  let read: AttributeValue = value;
  if (source.json === true) read = parseScalar(value);
  if (read === null) return undefined;
  if (source.cutAt !== undefined && typeof read === "string") read = read.split(source.cutAt, 1)[0] ?? "";
  if (source.match !== undefined) read = (typeof read === "string" ? source.match.exec(read)?.[1] : null) ?? null;
  if (source.words === undefined) return read;
  if (typeof read !== "string") return undefined;
  const word = read.toLowerCase();
  return Object.hasOwn(source.words, word) ? source.words[word] : undefined;
}

/** The text that was last read as an object, since several fields are read from one. */
let lastParsed: { text: string; value: AttributeValue } | null = null;

function readMember(value: AttributeValue, path: readonly string[]): AttributeValue {
  let member: AttributeValue | undefined = value;
  if (typeof value === "string") {
    if (lastParsed?.text !== value) lastParsed = { text: value, value: parseStructure(value) ?? null };
    member = lastParsed.value;
  }
  for (const name of path) {
    if (typeof member !== "object" || member === null || !Object.hasOwn(member, name)) return null;
    member = (member as Record<string, AttributeValue>)[name];
  }
  return member ?? null;
}

/** Scalars only: two payloads are not worth comparing. */
export function isSame(a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  return typeof a !== "object" && a === b;
}
