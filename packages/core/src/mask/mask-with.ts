import { platform } from "#platform";
import { SpanwiseConfigError } from "../errors.ts";
import type { Mask, MaskRecord } from "../serialize/mask.ts";
import type { MaskRule } from "./rule.ts";
import { Walk, type RuleSet } from "./walk.ts";

/** Work on a long record stops after this and goes on when the event loop has turned. */
const SLICE_MS = 5;

/** Fields that hold the tree together. Those of a score may be the user's own. */
const IDS: ReadonlySet<string> = new Set(["id", "traceId"] satisfies (keyof MaskRecord)[]);
/** The fields of a record that no user fills. */
const OWN_FIELDS: ReadonlySet<string> = new Set(["kind", "type"] satisfies (keyof MaskRecord)[]);

/**
 * A `mask` of rules: every field that a user can fill goes through all of them, with names of fields and JSON inside of texts. It changes
 * nothing in place, and gives the same when it is applied again. A record with more than 128 Ki UTF-16 units of text (a
 * value counts as 256 at least) is masked in slices, in between which the event loop turns; the answer is then a promise.
 *
 * @throws {SpanwiseConfigError} for what is not a rule.
 * @example
 * init({ mask: maskWith(keys(), apiKeys(), bearerTokens(), emails(), cards(), rule(/\bEMP-\d{6}\b/, "[employee]")) });
 */
export function maskWith(...rules: readonly (MaskRule | readonly MaskRule[])[]): Mask {
  const flat = rules.flat();
  const isRule = ({ text, field }: Partial<MaskRule>): boolean => text !== undefined || field !== undefined;
  if (flat.length === 0 || !flat.every((each) => isRule(Object(each) as Partial<MaskRule>))) {
    throw new SpanwiseConfigError("maskWith() takes rules, such as emails() or rule(/\\bEMP-\\d+/)");
  }
  const set: RuleSet = {
    texts: flat.flatMap(({ text }) => text ?? []),
    fields: flat.flatMap(({ field }) => field ?? []),
  };
  return (record) => maskRecord(set, record);
}

function maskRecord(rules: RuleSet, record: MaskRecord): MaskRecord | Promise<MaskRecord> {
  const walk = new Walk(rules);
  const out = { ...record } as unknown as Record<string, unknown>;
  for (const [field, value] of Object.entries(record)) {
    const isOwn = OWN_FIELDS.has(field) || (IDS.has(field) && record.kind !== "score");
    if (!isOwn) out[field] = walk.value(value, (next) => void (out[field] = next));
  }
  const masked = out as unknown as MaskRecord;
  return walk.later.length === 0 ? masked : finish(walk).then(() => masked);
}

async function finish({ later }: Walk): Promise<void> {
  let until = performance.now() + SLICE_MS;
  for (const step of later) {
    for (let isDone = false; !isDone;) {
      if (performance.now() >= until) {
        await new Promise<void>((resolve) => platform.defer(resolve));
        until = performance.now() + SLICE_MS;
      }
      isDone = step();
    }
  }
}
