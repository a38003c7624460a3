import { HttpError } from "../../http/errors.ts";
import { explainJsonError, isObject, parseAnyDepth } from "../../http/json-body.ts";
import { MAX_JSON_DEPTH, hasTooManyNested } from "../../http/json-depth.ts";
import type { Turns } from "../../http/turns.ts";
import { endOfString } from "../../search/text.ts";

/** A smaller body is parsed in a few milliseconds. */
const MAX_WHOLE_BYTES = 256 * 1024;

export interface BatchBody {
  events: unknown[];
  /** Something in the body nests too deep, in an event or beside them. */
  tooDeep: boolean;
}

/**
 * The events of a batch, a large one parsed event by event in turns with other requests.
 *
 * @throws {HttpError} 400.
 */
export async function readBatchBody(body: Uint8Array, turns: Turns): Promise<BatchBody> {
  const isSmall = body.byteLength <= MAX_WHOLE_BYTES;
  // What has too many parts is refused where it is read as a whole.
  const found = isSmall || hasTooManyNested(body) ? null : await readInTurns(body, turns);
  if (found !== null) return found;
  const { value, tooDeep } = parseAnyDepth(body);
  const events = isObject(value) ? value["batch"] : undefined;
  if (!Array.isArray(events)) throw new HttpError(400, "bad_request", 'The body is not { "batch": [event, ...] }.');
  return { events: events as unknown[], tooDeep };
}

/** What the clients write: the batch first and what else there is behind it. */
const BEGINNING = /^[ \t\n\r]*\{[ \t\n\r]*"batch"[ \t\n\r]*:[ \t\n\r]*\[/;
const BRACKETS = /["[\]{}]/g;
/** JSON's own, which is less than that of regular expressions. */
const SPACE = /[ \t\n\r]*/y;

/** Of the levels that a body may have, those that an event may: it stands in the body's list. */
export const MAX_EVENT_DEPTH: number = MAX_JSON_DEPTH - 2;

/** `null` where the body is written otherwise, or is no JSON: it is read as a whole then, or refused for what is wrong with it. */
async function readInTurns(body: Uint8Array, turns: Turns): Promise<BatchBody | null> {
  const text = decode(body);
  const beginning = BEGINNING.exec(text)?.[0];
  if (beginning === undefined) return null;
  const events: unknown[] = [];
  let at = skipSpace(text, beginning.length);
  for (let isFirst = true; text[at] === "{" || !isFirst; isFirst = false) {
    const end = endOfEvent(text, at);
    if (turns.isOver) await turns.next();
    const event = end === null ? undefined : parse(text.slice(at, end));
    if (end === null || event === undefined) return null;
    events.push(event);
    if (turns.isOver) await turns.next();
    at = skipSpace(text, end);
    if (text[at] !== ",") break;
    at = skipSpace(text, at + 1);
  }
  // What is behind the events, with none before it. Of two members of one name JSON has the last.
  const rest = parse(`{"batch":[${text.slice(at)}`);
  const isRead = isObject(rest) && Array.isArray(rest["batch"]) && rest["batch"].length === 0;
  return isRead && !text.includes('"batch"', at) ? { events, tooDeep: false } : null;
}

function decode(body: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch (error) {
    throw new HttpError(400, "bad_request", explainJsonError(error));
  }
}

/** `undefined`: no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is wrong is said by whoever reads the body as a whole.
    return undefined;
  }
}

/** `null` where it has none, or nests deeper than an event may. */
function endOfEvent(text: string, start: number): number | null {
  let depth = 0;
  for (let at = start; ;) {
    BRACKETS.lastIndex = at;
    if (!BRACKETS.test(text)) return null;
    at = BRACKETS.lastIndex;
    const bracket = text[at - 1];
    if (bracket === '"') at = endOfString(text, at - 1) + 1;
    else if (bracket === "{" || bracket === "[") depth += 1;
    else depth -= 1;
    if (depth > MAX_EVENT_DEPTH) return null;
    if (depth === 0) return at;
  }
}

function skipSpace(text: string, start: number): number {
  SPACE.lastIndex = start;
  SPACE.test(text);
  return SPACE.lastIndex;
}
