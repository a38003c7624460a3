import * as v12 from "llamaindex";
import * as v11 from "llamaindex-v11";
import * as first from "llamaindex-v11-0";
import type { LlamaIndex } from "./llamaindex.ts";

export const versions: [version: string, module: LlamaIndex][] = [
  ["0.12", v12],
  ["0.11", v11 as unknown as LlamaIndex],
  ["0.11.0", first as unknown as LlamaIndex],
];
