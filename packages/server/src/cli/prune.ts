import type { PruneResponse } from "../api/settings.ts";
import { UsageError, defineCommand } from "./command.ts";
import { CONNECT_OPTIONS, withApi } from "./connect.ts";

const DAYS: Readonly<Record<string, number>> = { h: 1 / 24, d: 1, w: 7 };
const BYTES: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

export const command = defineCommand({
  name: "prune",
  usage: "--older-than <age> | --max-size <size> [options]",
  description:
    "Deletes traces of all projects, once: those that began longer ago than an age, or the oldest until the database is no larger\nthan a size. The viewer's settings do so all the time.",
  options: {
    "older-than": { type: "string", value: "age", help: "30d, 12h or 2w" },
    "max-size": { type: "string", value: "size", help: "500m or 10g" },
    url: CONNECT_OPTIONS.url,
    db: CONNECT_OPTIONS.db,
    json: { type: "boolean", help: "print JSON: { traces }" },
  },
  async run({ values, env }) {
    const maxAgeDays = readQuantity(values["older-than"], "older-than", DAYS);
    const maxBytes = readQuantity(values["max-size"], "max-size", BYTES);
    if (maxAgeDays === null && maxBytes === null) {
      throw new UsageError("prune needs --older-than or --max-size: see spanwise prune --help.");
    }
    await withApi(values, env, async (client) => {
      let traces = 0;
      for (let isDone = false; !isDone;) {
        const step = await client.send<PruneResponse>("POST", "/api/prune", { maxAgeDays, maxBytes });
        traces += step.traces;
        isDone = step.isDone;
      }
      process.stdout.write(values.json === true ? `${JSON.stringify({ traces })}\n` : `Deleted ${traces} traces.\n`);
    });
  },
});

/** A number and a unit. */
function readQuantity(text: string | undefined, name: string, units: Readonly<Record<string, number>>): number | null {
  if (text === undefined) return null;
  const [, digits = "", unit = ""] = /^(\d+(?:\.\d+)?)([a-z])(?:i?b)?$/i.exec(text) ?? [];
  const factor = units[unit.toLowerCase()];
  if (factor !== undefined && Number(digits) > 0) return Number(digits) * factor;
  throw new UsageError(
    `--${name} ${text}: give a number and one of ${Object.keys(units).join(", ")}, like 30${Object.keys(units)[1] ?? ""}.`,
  );
}
