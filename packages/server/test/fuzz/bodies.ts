import { readFileSync, readdirSync } from "node:fs";
import fc from "fast-check";

const wire = new URL("../../../testing/fixtures/wire/", import.meta.url);

interface Fixture {
  json: object;
  protobuf: string;
}

const fixtures = readdirSync(wire)
  .filter((file) => file.endsWith(".json"))
  .map((file) => JSON.parse(readFileSync(new URL(file, wire), "utf8")) as Fixture);

/** What our SDK really sends, in both encodings. */
export const PROTOBUF_BODIES = fixtures.map((fixture) => Buffer.from(fixture.protobuf, "base64"));
export const JSON_BODIES = fixtures.map((fixture) => fixture.json);

/** What a decoder trips over: longest varints, lengths of gigabytes, group tags, a tag of field 0. */
const HOSTILE_BYTES = [
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0xff, 0xff, 0xff, 0xff, 0x07],
  [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x0b, 0x0b, 0x0b],
  [0x0c],
  [0x00],
  [0x0f],
  [0xc0, 0x80],
].map((bytes) => Buffer.from(bytes));

/** One change of a body's bytes. */
const byteChange: fc.Arbitrary<(body: Buffer) => Buffer> = fc
  .tuple(
    fc.nat(),
    fc.nat(),
    fc.constantFrom("flip", "cut", "insert", "double", "drop"),
    fc.constantFrom(...HOSTILE_BYTES),
  )
  .map(([at, more, kind, hostile]) => (body) => {
    const from = body.length === 0 ? 0 : at % body.length;
    const to = Math.min(body.length, from + 1 + (more % 64));
    if (kind === "cut") return body.subarray(0, from);
    if (kind === "insert") return Buffer.concat([body.subarray(0, from), hostile, body.subarray(from)]);
    if (kind === "double") return Buffer.concat([body.subarray(0, to), body.subarray(from)]);
    if (kind === "drop") return Buffer.concat([body.subarray(0, from), body.subarray(to)]);
    const flipped = Buffer.from(body);
    if (flipped.length > 0) flipped[from] = (flipped[from] ?? 0) ^ (1 << (more % 8));
    return flipped;
  });

export function mutated(bodies: readonly Buffer[]): fc.Arbitrary<Buffer> {
  return fc
    .tuple(fc.constantFrom(...bodies), fc.array(byteChange, { minLength: 1, maxLength: 6 }))
    .map(([body, changes]) => changes.reduce((changed, change) => change(changed), body));
}

/** Any JSON value, the names and numbers among them that have a meaning to the decoder or to the engine. */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  fc.constantFrom<unknown>(
    -1,
    1e308,
    2 ** 53,
    "9".repeat(400),
    "-9223372036854775809",
    "NaN",
    "\ud800",
    "\0",
    "",
    [[]],
    { stringValue: 1 },
    { intValue: "x" },
    { doubleValue: "Infinity" },
    { arrayValue: [] },
    { kvlistValue: { values: [{ key: "__proto__", value: { stringValue: "polluted" } }] } },
    JSON.parse('{"__proto__":{"polluted":"yes"},"constructor":1,"toString":null}'),
  ),
);

/** A body with some of its members replaced by any JSON value. */
export const chaoticJson: fc.Arbitrary<unknown> = fc
  .tuple(fc.constantFrom(...JSON_BODIES), fc.array(fc.tuple(fc.nat(), anyJson), { minLength: 1, maxLength: 5 }))
  .map(([body, changes]) => {
    const copy = structuredClone(body);
    for (const [at, value] of changes) {
      const places = placesOf(copy);
      const place = places[at % places.length];
      if (place !== undefined) place.owner[place.key] = structuredClone(value);
    }
    return copy;
  });

function placesOf(value: unknown): { owner: Record<string, unknown>; key: string }[] {
  if (typeof value !== "object" || value === null) return [];
  const owner = value as Record<string, unknown>;
  return Object.keys(owner).flatMap((key) => [{ owner, key }, ...placesOf(owner[key])]);
}
