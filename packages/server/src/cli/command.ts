import { parseArgs } from "node:util";

/** A mistake of the caller's: told in one line, without a stack. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export interface OptionSpec {
  type: "string" | "boolean";
  short?: string;
  multiple?: boolean;
  /** What stands for the value in the help; options without are switches. */
  value?: string;
  help: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

export type OptionValues<O extends OptionSpecs> = {
  [K in keyof O]?: O[K] extends { multiple: true } ? string[] : O[K]["type"] extends "boolean" ? boolean : string;
};

export interface CommandInput<O extends OptionSpecs> {
  values: OptionValues<O>;
  /** What is no option, without the command's name. */
  positionals: string[];
  /** What comes after `--`, as it is; empty without. */
  rest: string[];
  env: NodeJS.ProcessEnv;
}

export interface Command<O extends OptionSpecs = OptionSpecs> {
  name: string;
  /** After the name, in the usage line. */
  usage: string;
  /** A few sentences. */
  description: string;
  options: O;
  /** At most so many positionals; default 0. */
  maxPositionals?: number;
  /** More to read below the options. */
  footer?: string;
  /** @returns the exit code; default 0. */
  run(input: CommandInput<O>): Promise<number | void>;
}

/** Options that every command has. */
const COMMON: OptionSpecs = { help: { type: "boolean", short: "h", help: "print this" } };

/** Keeps the types of the options for `run`. */
export function defineCommand<const O extends OptionSpecs>(command: Command<O>): Command {
  return command;
}

/** @throws {UsageError} in one line that names the command's help. */
export async function runCommand(command: Command, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const dashes = args.indexOf("--");
  const own = dashes < 0 ? args : args.slice(0, dashes);
  const rest = dashes < 0 ? [] : args.slice(dashes + 1);
  const { values, positionals } = parse(command, own);
  if (values["help"] === true) {
    process.stdout.write(helpOf(command));
    return 0;
  }
  if (positionals.length > (command.maxPositionals ?? 0)) {
    const extra = positionals[command.maxPositionals ?? 0] ?? "";
    throw new UsageError(`"${extra}" is one argument too many: see spanwise ${command.name} --help.`);
  }
  return (await command.run({ values: values as OptionValues<OptionSpecs>, positionals, rest, env })) ?? 0;
}

function parse(command: Command, args: readonly string[]): { values: Record<string, unknown>; positionals: string[] } {
  const options = Object.fromEntries(
    Object.entries({ ...command.options, ...COMMON }).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short === undefined ? {} : { short }), ...(multiple === true ? { multiple } : {}) },
    ]),
  );
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    const reason = (error as Error).message.split(/\.\s/)[0] ?? "bad arguments";
    throw new UsageError(`${reason}: see spanwise ${command.name} --help.`);
  }
}

export function helpOf(command: Command): string {
  const rows = Object.entries({ ...command.options, ...COMMON }).map(([name, spec]) => {
    const value = spec.value !== undefined ? ` <${spec.value}>` : "";
    const short = spec.short === undefined ? "    " : `-${spec.short}, `;
    return [`  ${short}--${name}${value}`, spec.help] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  const lines = rows.map(([left, help]) => left.padEnd(width) + help.replaceAll("\n", `\n${" ".repeat(width)}`));
  const usage = `Usage: spanwise ${command.name} ${command.usage}`.trimEnd();
  const footer = command.footer === undefined ? "" : `\n${command.footer}\n`;
  return `${usage}\n\n${command.description}\n\nOptions\n${lines.join("\n")}\n${footer}`;
}

/** @throws {UsageError} */
export function readNumber(text: string | undefined, name: string, fallback: number, min: number, max: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw new UsageError(`--${name} ${text}: give a whole number from ${min} to ${max}.`);
}
