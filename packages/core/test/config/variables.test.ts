import "../../src/spool/index.ts"; // As an application that is not bundled has it: there the runtime loads it.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { resolveConfig, type Config, type TracerOptions } from "../../src/config.ts";
import { SpanwiseConfigError } from "../../src/errors.ts";

beforeEach(() => {
  for (const name of Object.keys(process.env)) {
    if (/^(SPANWISE|LANGFUSE|OTEL)_|_SHA$|^npm_package_name$/.test(name)) vi.stubEnv(name, undefined);
  }
});
afterEach(() => vi.unstubAllEnvs());

const DESTINATION = "http://localhost:4777";

interface Row {
  option: keyof TracerOptions;
  config: keyof Config;
  fallback: unknown;
  spanwise?: [name: string, value: string, becomes: unknown];
  langfuse?: [name: string, value: string, becomes: unknown];
  given: [value: unknown, becomes: unknown];
}

/** The table of options, with every variable that it names. */
const TABLE: Row[] = [
  {
    option: "enabled",
    config: "enabled",
    fallback: true,
    spanwise: ["SPANWISE_ENABLED", "false", false],
    langfuse: ["LANGFUSE_TRACING_ENABLED", "0", false],
    given: [true, true],
  },
  {
    option: "flushAt",
    config: "flushAt",
    fallback: 512,
    spanwise: ["SPANWISE_FLUSH_AT", "7", 7],
    langfuse: ["LANGFUSE_FLUSH_AT", "8", 8],
    given: [9, 9],
  },
  {
    option: "flushInterval",
    config: "flushIntervalMs",
    fallback: undefined,
    spanwise: ["SPANWISE_FLUSH_INTERVAL", "250", 250],
    langfuse: ["LANGFUSE_FLUSH_INTERVAL", "2.5", 2500],
    given: [300, 300],
  },
  {
    option: "timeoutMs",
    config: "timeoutMs",
    fallback: 10_000,
    spanwise: ["SPANWISE_TIMEOUT_MS", "70", 70],
    given: [80, 80],
  },
  {
    option: "sampleRate",
    config: "sampleRate",
    fallback: 1,
    spanwise: ["SPANWISE_SAMPLE_RATE", "0.25", 0.25],
    langfuse: ["LANGFUSE_SAMPLE_RATE", "0.5", 0.5],
    given: [0, 0],
  },
  {
    option: "environment",
    config: "environment",
    fallback: "default",
    spanwise: ["SPANWISE_ENVIRONMENT", "staging", "staging"],
    langfuse: ["LANGFUSE_TRACING_ENVIRONMENT", "preview", "preview"],
    given: ["production", "production"],
  },
  {
    option: "release",
    config: "release",
    fallback: undefined,
    spanwise: ["SPANWISE_RELEASE", "r1", "r1"],
    langfuse: ["LANGFUSE_RELEASE", "r2", "r2"],
    given: ["r3", "r3"],
  },
  {
    option: "live",
    config: "live",
    fallback: undefined,
    spanwise: ["SPANWISE_LIVE", "yes", true],
    given: [false, false],
  },
  {
    option: "logLevel",
    config: "logLevel",
    fallback: "warn",
    spanwise: ["SPANWISE_LOG_LEVEL", "DEBUG", "debug"],
    given: ["error", "error"],
  },
  { option: "maxQueueBytes", config: "maxQueueBytes", fallback: 134_217_728, given: [5_000, 5_000] },
  { option: "maxBatchBytes", config: "maxBatchBytes", fallback: 4_194_304, given: [5_000, 5_000] },
  { option: "maxValueBytes", config: "maxValueBytes", fallback: 1_048_576, given: [5_000, 5_000] },
  { option: "maxAgeMs", config: "maxAgeMs", fallback: 600_000, given: [0, 0] },
  { option: "maxOpen", config: "maxOpen", fallback: 10_000, given: [5, 5] },
  { option: "maxOpenMs", config: "maxOpenMs", fallback: 3_600_000, given: [5, 5] },
  { option: "flushTimeoutMs", config: "flushTimeoutMs", fallback: 10_000, given: [5, 5] },
  { option: "shutdownTimeoutMs", config: "shutdownTimeoutMs", fallback: 10_000, given: [5, 5] },
  { option: "media", config: "media", fallback: true, given: [false, false] },
  { option: "version", config: "version", fallback: undefined, given: ["1.2.3", "1.2.3"] },
];

describe.each(TABLE)("$option", ({ option, config, fallback, spanwise, langfuse, given }) => {
  const resolved = (options: TracerOptions = {}): unknown =>
    resolveConfig({ baseUrl: DESTINATION, ...options })[config];

  test("has its default", () => expect(resolved()).toBe(fallback));

  test("follows option, SPANWISE_, LANGFUSE_, default, in this order", () => {
    if (langfuse) {
      vi.stubEnv(langfuse[0], langfuse[1]);
      expect(resolved()).toBe(langfuse[2]);
    }
    if (spanwise) {
      vi.stubEnv(spanwise[0], spanwise[1]);
      expect(resolved()).toBe(spanwise[2]);
    }
    expect(resolved({ [option]: given[0] })).toBe(given[1]);
  });

  test("an empty variable and an undefined option are as if they were not there", () => {
    if (spanwise) vi.stubEnv(spanwise[0], "  ");
    if (langfuse) vi.stubEnv(langfuse[0], "");
    expect(resolved({ [option]: undefined })).toBe(fallback);
  });
});

test("the host's commit variable is the release where nobody named one, in a fixed order", () => {
  vi.stubEnv("GITHUB_SHA", "github");
  expect(resolveConfig({}).release).toBe("github");
  vi.stubEnv("VERCEL_GIT_COMMIT_SHA", "vercel");
  expect(resolveConfig({}).release).toBe("vercel");
  vi.stubEnv("LANGFUSE_RELEASE", "named");
  expect(resolveConfig({}).release).toBe("named");
  expect(resolveConfig({ release: "" }).release).toBeUndefined();
});

test("the service's name is OpenTelemetry's variable, else the package's", () => {
  vi.stubEnv("npm_package_name", "shop");
  expect(resolveConfig({}).serviceName).toBe("shop");
  vi.stubEnv("OTEL_SERVICE_NAME", "checkout");
  expect(resolveConfig({}).serviceName).toBe("checkout");
});

describe("what cannot be used", () => {
  test.each([
    ["SPANWISE_FLUSH_AT", "many", "flushAt", 512],
    ["SPANWISE_FLUSH_AT", "0", "flushAt", 512],
    ["SPANWISE_FLUSH_INTERVAL", "-1", "flushIntervalMs", undefined],
    ["LANGFUSE_FLUSH_INTERVAL", "1s", "flushIntervalMs", undefined],
    ["SPANWISE_TIMEOUT_MS", "NaN", "timeoutMs", 10_000],
    ["SPANWISE_SAMPLE_RATE", "50", "sampleRate", 1],
    ["SPANWISE_LIVE", "maybe", "live", undefined],
    ["SPANWISE_LOG_LEVEL", "loud", "logLevel", "warn"],
    ["SPANWISE_LOG_LEVEL", "constructor", "logLevel", "warn"],
  ] as const)("in %s=%s is told and passed over", (name, value, config, expected) => {
    vi.stubEnv(name, value);
    const resolved = resolveConfig({ baseUrl: DESTINATION });
    expect(resolved[config]).toBe(expected);
    expect(resolved.warnings).toEqual([expect.stringContaining(`${name}="${value}"`)]);
  });

  test("in a SPANWISE_ variable leaves the word to LANGFUSE_", () => {
    vi.stubEnv("SPANWISE_FLUSH_AT", "many");
    vi.stubEnv("LANGFUSE_FLUSH_AT", "3");
    expect(resolveConfig({}).flushAt).toBe(3);
  });

  test("is not told where the option stands before it", () => {
    vi.stubEnv("SPANWISE_FLUSH_AT", "many");
    expect(resolveConfig({ flushAt: 3 })).toMatchObject({ flushAt: 3, warnings: [] });
  });

  test.each(["SPANWISE_ENABLED", "LANGFUSE_TRACING_ENABLED"])(
    "in %s switches off: who set it meant something",
    (name) => {
      vi.stubEnv(name, "flase");
      const resolved = resolveConfig({ baseUrl: DESTINATION });
      expect(resolved.enabled).toBe(false);
      expect(resolved.warnings).toEqual([`${name}="flase" cannot be used`]);
      expect(resolveConfig({ baseUrl: DESTINATION, enabled: true }).enabled).toBe(true);
    },
  );

  test.each([
    ["false", "true"],
    ["0", "1"],
    ["no", "yes"],
    ["off", "on"],
    ["FALSE", "TRUE"],
  ])("%s is off, %s is on", (value, opposite) => {
    vi.stubEnv("SPANWISE_ENABLED", value);
    expect(resolveConfig({ baseUrl: DESTINATION }).enabled).toBe(false);
    vi.stubEnv("SPANWISE_ENABLED", opposite);
    expect(resolveConfig({ baseUrl: DESTINATION }).enabled).toBe(true);
  });

  test.each([
    [{ flushAt: 0 }, "flushAt must be a number of at least 1, got 0"],
    [{ flushAt: Number.NaN }, "flushAt must be a number of at least 1, got NaN"],
    [{ flushAt: "5" as never }, "flushAt must be a number of at least 1, got 5"],
    [{ flushInterval: -1 }, "flushInterval must be a number of at least 0, got -1"],
    [{ maxQueueBytes: 0 }, "maxQueueBytes must be a number of at least 1, got 0"],
    [{ maxBatchBytes: 0 }, "maxBatchBytes"],
    [{ maxValueBytes: 1023 }, "maxValueBytes must be a number of at least 1024, got 1023"],
    [{ maxAgeMs: -1 }, "maxAgeMs"],
    [{ maxOpen: 0 }, "maxOpen"],
    [{ maxOpenMs: 0 }, "maxOpenMs"],
    [{ timeoutMs: 0 }, "timeoutMs"],
    [{ flushTimeoutMs: -1 }, "flushTimeoutMs"],
    [{ shutdownTimeoutMs: -1 }, "shutdownTimeoutMs"],
    [{ sampleRate: 2 }, "sampleRate must be a number between 0 and 1, got 2"],
    [{ sampleRate: -0.1 }, "sampleRate must be a number between 0 and 1, got -0.1"],
    [{ sampleRate: Number.NaN }, "sampleRate must be a number between 0 and 1, got NaN"],
    [{ logLevel: "loud" as never }, "logLevel must be one of debug, info, warn, error, silent"],
    [{ spool: 5 as never }, "spool must be a path or spool()"],
    [{ spool: "" }, "spool: dir must name a directory"],
  ])("in options, %o, throws and says what to do", (options, message) => {
    expect(() => resolveConfig(options)).toThrow(SpanwiseConfigError);
    expect(() => resolveConfig(options)).toThrow(message);
  });

  test("is cut to the longest timer there is", () => {
    expect(resolveConfig({ maxOpenMs: Number.POSITIVE_INFINITY }).maxOpenMs).toBe(2 ** 31 - 1);
  });
});
