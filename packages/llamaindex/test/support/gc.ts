import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");

/** Collects what can be collected. */
export const gc = runInNewContext("gc") as () => void;
