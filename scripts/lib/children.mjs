/** Child processes of a script: started, read line by line, and ended with it. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const STOP_GRACE_MS = 5_000;
const FIRST_LINE_MS = 60_000;

const children = new Set();

export function startChild(name, command, args, { env = process.env, echo = false } = {}) {
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const lines = [];
  const waiters = new Set();
  let errors = "";
  children.add(child);
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (echo) console.log(line);
    lines.push(line);
    for (const waiter of waiters) waiter();
  });
  child.stderr.on("data", (data) => {
    errors += data;
    if (echo) process.stderr.write(data);
  });
  // `close`, not `exit`: by then the output has been read to its end.
  const exit = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      children.delete(child);
      resolve(code);
      for (const waiter of waiters) waiter();
    });
  });
  const failure = (what) => new Error(`the ${name} ${what}${errors ? `:\n${errors.trim()}` : ""}`);

  return {
    child,
    /** The first line of output that fits. */
    async firstLine(pattern) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => done(reject, failure("did not answer in time")), FIRST_LINE_MS);
        const done = (settle, value) => {
          clearTimeout(timer);
          waiters.delete(look);
          settle(value);
        };
        const look = () => {
          const line = lines.find((candidate) => pattern.test(candidate));
          if (line !== undefined) done(resolve, line);
          else if (!children.has(child)) done(reject, failure("ended before it was ready"));
        };
        waiters.add(look);
        look();
      });
    },
    async exited() {
      const code = await exit;
      if (code !== 0) throw failure(`ended with code ${code}`);
    },
  };
}

export async function stopChildren() {
  await Promise.all(
    [...children].map(
      (child) =>
        new Promise((resolve) => {
          const timer = setTimeout(() => child.kill("SIGKILL"), STOP_GRACE_MS);
          child.once("close", () => {
            clearTimeout(timer);
            resolve();
          });
          child.kill("SIGTERM");
        }),
    ),
  );
}
