import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const BIN = fileURLToPath(new URL("../../packages/server/bin/spanwise.mjs", import.meta.url));
const CLIENT = fileURLToPath(new URL("client.mjs", import.meta.url));
/** Of /proc: Linux counts in hundredths of a second. */
const TICK_MS = 10;

/** Starts the built server on a file and resolves when it listens. */
export async function startServer(db) {
  const began = performance.now();
  const child = spawn(process.execPath, [BIN, "--port", "0", "--db", db, "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  while (!text.includes("\n")) text += String((await once(child.stdout, "data"))[0]);
  const { url } = JSON.parse(text);
  return {
    url,
    startMs: performance.now() - began,
    pid: child.pid,
    async stop() {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    },
  };
}

/** @returns what the clients printed, when all have ended. */
export async function runClients(url, { clients, firstRun, runs, start, step, rate }) {
  const children = Array.from({ length: clients }, (_, index) => {
    const share = Math.floor(runs / clients) + (index < runs % clients ? 1 : 0);
    const args = [url, firstRun + index, share, clients, start, step, rate / clients].map(String);
    return spawn(process.execPath, [CLIENT, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  });
  return Promise.all(
    children.map(async (child) => {
      let text = "";
      child.stdout.on("data", (chunk) => (text += chunk));
      await once(child, "exit");
      return JSON.parse(text);
    }),
  );
}

/** CPU of all threads in milliseconds, and resident memory in bytes. */
export function usageOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  const memory = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return { cpuMs: (Number(stat[11]) + Number(stat[12])) * TICK_MS, rss: Number(memory) * 1024 };
}

/** CPU by thread name, in milliseconds: which of them is the one that holds the rest up. */
export function threadsOf(pid, fs) {
  const threads = {};
  for (const id of fs.readdirSync(`/proc/${pid}/task`)) {
    const [head, rest] = fs.readFileSync(`/proc/${pid}/task/${id}/stat`, "utf8").split(") ");
    const fields = rest.split(" ");
    const name = id === String(pid) ? "http" : `${head.split("(")[1]}-${id}`;
    threads[name] = (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  }
  return threads;
}
