export { createModelServer } from "./model-server/server.ts";
export { embed } from "./model-server/embeddings.ts";
export { createLangfuseApi } from "./langfuse-api/server.ts";
export { createSink } from "./sink/sink.ts";
export { decodeOtlp, encodeOtlpResponse } from "./sink/decode-otlp.ts";

export type {
  LangfuseApi,
  LangfuseApiData,
  LangfuseApiOptions,
  LangfuseApiRequest,
  LangfuseApiRule,
} from "./langfuse-api/types.ts";
export type { ModelServer, ModelServerOptions } from "./model-server/server.ts";
export type { ModelRequest, ModelRule, StreamBreak } from "./model-server/fault-rule.ts";
export type { OtlpAttributes, OtlpExport, OtlpSpan, OtlpValue } from "./sink/otlp-types.ts";
export type { Sink, SinkOptions, SinkRequest, SinkRule, SinkScore } from "./sink/sink-types.ts";
