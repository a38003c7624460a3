import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createModelServer } from "@spanwise/testing";
import {
  createServer,
  type ObservationDetail,
  type ObservationSummary,
  type TraceDetail,
  type TraceListResponse,
} from "../../src/index.ts";

const clients = fileURLToPath(new URL("../../../../e2e/clients/", import.meta.url));

/** A file below `e2e/clients`. */
export const clientPath = (file: string): string => join(clients, file);

/** A program starts in a second or two; a loaded machine takes its time. */
export const CLIENT_TIMEOUT_MS = 120_000;

export interface ClientRun {
  /** What the program told about itself. */
  // oxlint-disable-next-line typescript/no-explicit-any -- each program's facts have a shape of their own
  facts: any;
  trace: TraceDetail["trace"];
  observations: ObservationSummary[];
  scores: TraceDetail["scores"];
  /** `type name`, indented by depth, by start time. */
  tree: string[];
  details: ObservationDetail[];
  /** The only one with the name, and under the parent's name when one is given. */
  find: (name: string, parentName?: string) => ObservationDetail;
}

/**
 * Runs a program of `e2e/clients` in a process of its own against a real server and the local model server, and reads back what was
 * stored.
 *
 * @param program path below `e2e/clients` and its arguments.
 * @param node the Node binary to run it with.
 */
export async function runClient(program: readonly string[], node: string = process.execPath): Promise<ClientRun> {
  const folder = mkdtempSync(join(tmpdir(), "spanwise-client-"));
  const model = await createModelServer();
  const server = await createServer({ port: 0, db: join(folder, "client.db") });
  try {
    const [file = "", ...args] = program;
    const facts: unknown = JSON.parse(await runProgram(node, [clientPath(file), ...args], server.url, model.url));
    const list = (await getJson(`${server.url}/api/traces`)) as TraceListResponse;
    const [only] = list.data;
    if (only === undefined || list.data.length !== 1) throw new Error(`${list.data.length} traces were stored.`);
    const { trace, scores, ...stored } = (await getJson(`${server.url}/api/traces/${only.traceId}`)) as TraceDetail;
    // OpenTelemetry's starts are whole milliseconds: of two in one of them, that which ended first came first.
    const observations = stored.observations.toSorted(
      (a, b) => a.startTime - b.startTime || (a.endTime ?? 0) - (b.endTime ?? 0),
    );
    const details: ObservationDetail[] = [];
    for (const { id } of observations) {
      details.push((await getJson(`${server.url}/api/traces/${only.traceId}/observations/${id}`)) as ObservationDetail);
    }
    return {
      facts,
      trace,
      observations,
      scores,
      details,
      tree: drawTree(observations, null, 0),
      find: (name, parentName) => findIn(details, name, parentName),
    };
  } finally {
    await server.close();
    await model.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Node 24, for what does not run on this one; from npm. `null` where it cannot be had. */
export function newerNode(): string | null {
  if (Number(process.versions.node.split(".")[0]) >= 22) return process.execPath;
  try {
    const args = ["--yes", "--package=node@24", "node", "-p", "process.execPath"];
    return execFileSync("npx", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: 90_000 }).trim();
  } catch {
    return null;
  }
}

/** The last line that a program writes. @throws with what it said on stderr when it fails. */
export async function runProgram(
  node: string,
  args: readonly string[],
  serverUrl: string,
  modelUrl: string,
): Promise<string> {
  const env = { ...process.env, SPANWISE_URL: serverUrl, MODEL_URL: modelUrl, NODE_OPTIONS: "" };
  const child = spawn(node, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  const code = await new Promise((resolve) => child.on("close", resolve));
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${String(code)}:\n${stderr}`);
  return stdout.trim().split("\n").at(-1) ?? "";
}

async function getJson(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

function drawTree(observations: readonly ObservationSummary[], parentId: string | null, depth: number): string[] {
  return observations
    .filter((one) => one.parentId === parentId)
    .flatMap((one) => [`${"  ".repeat(depth)}${one.type} ${one.name}`, ...drawTree(observations, one.id, depth + 1)]);
}

function findIn(details: readonly ObservationDetail[], name: string, parentName?: string): ObservationDetail {
  const nameOf = (id: string | null): string | undefined => details.find((one) => one.id === id)?.name;
  const found = details.filter(
    (one) => one.name === name && (parentName === undefined || nameOf(one.parentId) === parentName),
  );
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} observations are named ${name}.`);
  return only;
}
