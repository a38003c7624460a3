/** The server's answers, as it declares them: types only, no code of the server reaches the bundle. */
export type * from "../../../server/src/api/types.ts";
export type * from "../../../server/src/api/lists.ts";
export type * from "../../../server/src/api/metrics.ts";
export type * from "../../../server/src/api/datasets.ts";
export type * from "../../../server/src/api/settings.ts";
