/** The server's answers, as it declares them: types only, no code of the server reaches the bundle. */
export type {
  ChangeEvent,
  ErrorResponse,
  ObservationDetail,
  ObservationStatus,
  ObservationSummary,
  ObservationType,
  Score,
  TraceDetail,
  TraceListResponse,
  TraceSummary,
} from "../../../server/src/api/types.ts";
