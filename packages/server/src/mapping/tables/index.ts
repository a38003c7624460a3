import type { AliasTable } from "../table.ts";
import { AI_SDK_TABLE } from "./ai-sdk.ts";
import { GEN_AI_TABLE } from "./gen-ai.ts";
import { GENERIC_TABLE } from "./generic.ts";
import { LANGFUSE_TABLE } from "./langfuse.ts";
import { OPENINFERENCE_TABLE } from "./openinference.ts";
import { SPANWISE_TABLE } from "./spanwise.ts";
import { TRACELOOP_TABLE } from "./traceloop.ts";
import { VENDOR_TABLE } from "./vendors.ts";

/** The most specific first: what a sender said in our words outranks what is read out of a general convention. */
export const TABLES: readonly AliasTable[] = [
  SPANWISE_TABLE,
  LANGFUSE_TABLE,
  OPENINFERENCE_TABLE,
  GEN_AI_TABLE,
  TRACELOOP_TABLE,
  VENDOR_TABLE,
  AI_SDK_TABLE,
  GENERIC_TABLE,
];
