import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "./consumer.ts";
import { start } from "./run.ts";

export interface MockApi {
  readonly origin: string;
  /** The list page's address. */
  readonly listUrl: string;
  /** The address of the newest trace with this name. */
  traceUrl(name: string): Promise<string>;
  /** The id of an observation in the newest trace with this name. */
  observationId(trace: string, observation: string): Promise<string>;
  /** A new trace, told to open pages. */
  addTrace(traceId?: string): Promise<void>;
  traceCount(): Promise<number>;
  stop(): Promise<void>;
}

interface Page {
  data: { traceId: string; name: string }[];
  nextCursor: string | null;
}

/** The built viewer with generated data, in a process of its own: packages/viewer/dev/mock-api.mjs. */
export async function startMockApi(options: { isEmpty?: boolean } = {}): Promise<MockApi> {
  if (!existsSync(join(root, "packages/viewer/dist/index.html"))) {
    throw new Error("the viewer is not built: pnpm --filter @spanwise/viewer build");
  }
  const script = join(root, "packages/viewer/dev/mock-api.mjs");
  const server = start([script, ...(options.isEmpty === true ? ["--empty"] : [])]);
  const [origin] = await server.waitFor(/http:\S+/);
  const listUrl = `${origin}/p/default/traces`;
  const find = async (name: string): Promise<string> => {
    const { data } = await readJson<Page>(`${origin}/api/traces?limit=20`);
    const found = data.find((trace) => trace.name === name);
    if (found === undefined) throw new Error(`no trace ${name} among ${data.map((trace) => trace.name).join(", ")}`);
    return found.traceId;
  };
  return {
    origin,
    listUrl,
    traceUrl: async (name) => `${listUrl}/${await find(name)}`,
    async observationId(trace, observation) {
      const url = `${origin}/api/traces/${await find(trace)}`;
      const { observations } = await readJson<{ observations: { id: string; name: string }[] }>(url);
      const found = observations.find(({ name }) => name === observation);
      if (found === undefined) throw new Error(`no observation ${observation} in ${trace}`);
      return found.id;
    },
    async addTrace(traceId) {
      const query = traceId === undefined ? "" : `?${new URLSearchParams({ traceId })}`;
      await fetch(`${origin}/dev/traces${query}`, { method: "POST" });
    },
    traceCount: async () => (await readJson<Page>(`${origin}/api/traces?limit=1000`)).data.length,
    async stop() {
      server.child.kill("SIGKILL");
      await server.finished();
    },
  };
}

async function readJson<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T;
}
