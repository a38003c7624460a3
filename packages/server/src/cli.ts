import { UsageError, runCommand, type Command } from "./cli/command.ts";
import { VERSION } from "./version.ts";

/** Each is loaded when it is asked for, so that `spanwise` itself starts fast. */
const COMMANDS: Readonly<Record<string, { summary: string; load: () => Promise<{ command: Command }> }>> = {
  serve: { summary: "start the server and open the viewer (the default)", load: () => import("./cli/serve.ts") },
  run: { summary: "run a command with its traces sent here", load: () => import("./cli/run.ts") },
  tail: { summary: "print traces as they end", load: () => import("./cli/tail.ts") },
  ls: { summary: "list traces", load: () => import("./cli/ls.ts") },
  show: { summary: "print one trace as a tree", load: () => import("./cli/show.ts") },
  export: { summary: "write observations to a file", load: () => import("./cli/export.ts") },
  import: { summary: "read OTLP or JSONL files in", load: () => import("./cli/import.ts") },
  keys: { summary: "make, list and delete a project's keys", load: () => import("./cli/keys.ts") },
  prune: { summary: "delete old traces", load: () => import("./cli/prune.ts") },
  backup: { summary: "copy the database, also while it is written to", load: () => import("./cli/backup.ts") },
  doctor: { summary: "send a trace through and say what fails", load: () => import("./cli/doctor.ts") },
};

const HELP = `Usage: spanwise [command] [options]

LLM observability on your own machine: traces in, a web viewer out, one process, one file.

Commands
${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(8)} ${summary}`)
  .join("\n")}

spanwise <command> --help tells about a command; spanwise --help --all about serve's options too.

  -h, --help       print this
  -v, --version    print the version
`;

/** The oldest that is tested; `engines` in package.json says so too, but npx does not look. */
const MIN_NODE_MAJOR = 20;

/** Runs the command line; the process ends by itself when nothing is left to do. */
export async function main(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  try {
    if (Number(process.versions.node.split(".")[0]) < MIN_NODE_MAJOR) {
      throw new UsageError(`Node ${process.versions.node} is too old: Spanwise needs Node ${MIN_NODE_MAJOR} or newer.`);
    }
    process.exitCode = await dispatch(args, env);
  } catch (error) {
    const { explain } = await import("./cli/explain.ts");
    process.stderr.write(`spanwise: ${explain(error)}\n`);
    process.exitCode = 1;
  }
}

/** What these print is said by the way: they go on when nobody reads it. */
const GOES_ON = new Set(["serve", "run"]);

/** Who reads the output may have had enough of it, as `| head` has. Where that was all there is to do, it is done. */
function outliveReader(name: string): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (GOES_ON.has(name)) return;
      if (error.code === "EPIPE") process.exit();
      process.stderr.write(`spanwise: the output cannot be written: ${error.message}.\n`);
      process.exit(1);
    });
  }
}

async function dispatch(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [first = ""] = args;
  const isOption = first === "" || first.startsWith("-");
  const name = isOption ? "serve" : first;
  outliveReader(name);
  if (first === "--help" || first === "-h" || first === "help") {
    const { command } = await (COMMANDS[args[1] ?? ""] ?? COMMANDS["serve"])!.load();
    const { helpOf } = await import("./cli/command.ts");
    const isAll = args[1] !== undefined;
    process.stdout.write(isAll ? helpOf(command) : HELP);
    return 0;
  }
  if (first === "--version" || first === "-v") {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  const found = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (found === undefined) throw new UsageError(`there is no command "${first}": see spanwise --help.`);
  const { command } = await found.load();
  return runCommand(command, isOption ? args : args.slice(1), env);
}
