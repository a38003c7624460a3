import { ServerOptionsError } from "../server-options.ts";
import { StoreOpenError } from "../store/errors.ts";
import { ApiError } from "./api-client.ts";
import { UsageError } from "./command.ts";

/** What went wrong and what to do about it, in one line where it is known. */
export function explain(error: unknown): string {
  if (error instanceof UsageError || error instanceof ApiError) return error.message;
  if (error instanceof StoreOpenError || error instanceof ServerOptionsError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { code, path } = error as NodeJS.ErrnoException;
  const file = path ?? "the file";
  switch (code) {
    case "EACCES":
      return path === undefined
        ? "this port needs more rights: choose one above 1023 with --port."
        : `${path} may not be opened: check its permissions.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return "this machine has no such address: check --host.";
    case "ENOENT":
      return `there is no file ${file}.`;
    case "EISDIR":
      return `${file} is a folder.`;
    case "EEXIST":
      return `${file} is there already: choose another name.`;
    case "ENOSPC":
      return "the disk is full.";
    default:
      return error.message;
  }
}
