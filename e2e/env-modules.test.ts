import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createSink } from "@spanwise/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createConsumer, type Consumer } from "./support/consumer.ts";
import { start } from "./support/run.ts";

/** What only variables name is loaded from the installed package: the application imports the main entry alone. */
let consumer: Consumer;

beforeAll(() => {
  consumer = createConsumer(["core"]);
});
afterAll(() => consumer.remove());

const imports = {
  mjs: `import { flush, startObservation } from "@spanwise/core";`,
  cjs: `const { flush, startObservation } = require("@spanwise/core");`,
};

test.each(["mjs", "cjs"] as const)(
  "exporters and spool named by variables work without an import, %s",
  async (format) => {
    const sink = await createSink();
    sink.script([{ status: 503, times: Infinity }]);
    const spool = join(consumer.folder, `spool-${format}`);
    const program = `${imports[format]}
startObservation("named by variables").end();
flush({ timeoutMs: 500 }).then(() => process.exit(0));
`;
    const { code, output } = await start([consumer.write(`env.${format}`, program)], {
      cwd: consumer.folder,
      env: {
        SPANWISE_EXPORTERS: "otlp, console, memory",
        OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
        SPANWISE_SPOOL_DIR: spool,
      },
    }).finished();
    await sink.close();
    expect(code).toBe(0);
    expect(output).toContain("named by variables");
    expect(sink.requests[0]?.path).toBe("/v1/traces");
    expect(readdirSync(spool, { recursive: true }).filter((path) => String(path).endsWith(".batch"))).toHaveLength(1);
  },
);
