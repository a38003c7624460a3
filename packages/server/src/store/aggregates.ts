import type { AggregateQuery, AggregateRow } from "../query/aggregate/query.ts";

export interface AggregateReads {
  /** Reads every row that is selected: exact sums, no roll-ups. @throws {TooManyGroupsError} */
  aggregate(projectId: string, query: AggregateQuery): Promise<AggregateRow[]>;
}
