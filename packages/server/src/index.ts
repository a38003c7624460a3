export { createServer } from "./server.ts";
export type { SpanwiseServer } from "./server.ts";
export type { ServerOptions } from "./server-options.ts";
export type { ListOptions, ObservationRecord, Store, WriteBatch } from "./store/store.ts";
export type { MediaInfo, MediaLink, MediaWrite } from "./model/media.ts";
export type { ObservationPayload, StoredObservation } from "./model/observation.ts";
export type * from "./api/types.ts";
export type * from "./api/settings.ts";
