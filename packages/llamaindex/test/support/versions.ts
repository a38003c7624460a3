import * as v12 from "llamaindex";
import * as v11 from "llamaindex-v11";
import type { LlamaIndex } from "./llamaindex.ts";

export const versions: [version: string, module: LlamaIndex][] = [
  ["0.12", v12],
  ["0.11", v11 as unknown as LlamaIndex],
];
