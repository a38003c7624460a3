export { createServer } from "./server.ts";
export type { ServerOptions, SpanwiseServer } from "./server.ts";
export type { ListTracesOptions, ObservationRecord, Store, WriteBatch } from "./store/store.ts";
export type { MediaInfo, MediaLink, MediaWrite } from "./model/media.ts";
export type { ObservationPayload, StoredObservation } from "./model/observation.ts";
export type * from "./api/types.ts";
