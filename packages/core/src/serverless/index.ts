export { flushAfter } from "./flush-after.ts";
export { withRequest } from "./with-request.ts";

export type { FlushAfterOptions, WaitUntil, WaitUntilHost } from "./flush-after.ts";
export type { WithRequestOptions } from "./with-request.ts";
