import type crypto from "node:crypto";
import type fs from "node:fs";
import type os from "node:os";
import type path from "node:path";
import type zlib from "node:zlib";

/**
 * Node's own modules, loaded when the first is used: imported, they would cost every application that has no spool 1 MB and some
 * milliseconds at its start. `getBuiltinModule` is in Node 20.16, Bun and Deno 2.
 */
export const builtins = {
  get crypto(): typeof crypto {
    return process.getBuiltinModule("node:crypto");
  },
  get fs(): typeof fs {
    return process.getBuiltinModule("node:fs");
  },
  get os(): typeof os {
    return process.getBuiltinModule("node:os");
  },
  get path(): typeof path {
    return process.getBuiltinModule("node:path");
  },
  get zlib(): typeof zlib {
    return process.getBuiltinModule("node:zlib");
  },
};

export function hasBuiltins(): boolean {
  return typeof process.getBuiltinModule === "function";
}
