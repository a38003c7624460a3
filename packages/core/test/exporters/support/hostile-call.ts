import fc from "fast-check";

/** What JavaScript callers, masks and other copies of the package may put anywhere. */
const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("\ud800", "a\udfffb", "\0", "x".repeat(70_000), "", "0".repeat(32), "ABCDEF0123456789"),
  fc.double(),
  fc.constantFrom(undefined, null, Number.NaN, -1, 2 ** 60, 10n, Symbol("s"), new Date(Number.NaN), () => 1),
  fc.object({ maxDepth: 1, maxKeys: 3, withBigInt: true, withDate: true, withMap: true }),
  fc.array(fc.string(), { maxLength: 3 }),
);

export const hostileCall = fc.record(
  {
    name: anything,
    attributes: fc.dictionary(
      fc.constantFrom(
        ..."input output metadata model provider modelParameters usageDetails costDetails prompt level status".split(
          " ",
        ),
        ..."statusMessage version completionStartTime".split(" "),
      ),
      anything,
    ),
    trace: fc.dictionary(
      fc.constantFrom(..."traceName userId sessionId tags metadata release environment version public".split(" ")),
      anything,
    ),
    parent: fc.oneof(
      fc.constant(undefined),
      fc.record({ traceId: anything, observationId: anything, sampled: fc.constantFrom(true, undefined) }),
    ),
    startTime: anything,
    type: fc.constantFrom("span", "generation", "tool", "nonsense"),
  },
  { requiredKeys: ["name"] },
);
