import type { ObservationRow } from "../../../model/observation.ts";
import { OBSERVATION_COLUMNS, type SqlValue } from "../columns.ts";

/** What of a row the sums of its trace and of its hour are made of. */
export type SummedRow = Omit<
  ObservationRow,
  | "statusMessage"
  | "costSource"
  | "promptName"
  | "promptVersion"
  | "instanceId"
  | "scopeName"
  | "scopeVersion"
  | "inputPreview"
  | "outputPreview"
  | "fieldOrders"
  | "hasInput"
  | "hasOutput"
>;

const at = (column: string): number => OBSERVATION_COLUMNS.indexOf(column);

const TRACE_ID = at("trace_id");
const ID = at("id");
const PARENT_ID = at("parent_id");
const IS_ROOT = at("is_root");
const TYPE = at("type");
const NAME = at("name");
const START_TIME = at("start_time");
const END_TIME = at("end_time");
const COMPLETION_START_TIME = at("completion_start_time");
const LEVEL = at("level");
const STATUS = at("status");
const RANK = at("rank");
const MODEL = at("model");
const PROVIDER = at("provider");
const USAGE = at("usage");
const COST = at("cost");
const TAGS = at("tags");
const USAGE_AGGREGATE = at("usage_aggregate");
const TRACE_NAME = at("trace_name");
const USER_ID = at("user_id");
const SESSION_ID = at("session_id");
const ENVIRONMENT = at("environment");
const RELEASE = at("release");
const VERSION = at("version");
const PUBLIC = at("public");

/** From the values of its columns, which {@link encodeObservation} gives. By hand: a loop over names takes several times as long. */
export function summedRow(values: readonly SqlValue[]): SummedRow {
  return {
    traceId: values[TRACE_ID] as SummedRow["traceId"],
    id: values[ID] as SummedRow["id"],
    parentId: values[PARENT_ID] as SummedRow["parentId"],
    isRoot: values[IS_ROOT] === 1,
    type: values[TYPE] as SummedRow["type"],
    name: values[NAME] as SummedRow["name"],
    startTime: values[START_TIME] as SummedRow["startTime"],
    endTime: values[END_TIME] as SummedRow["endTime"],
    completionStartTime: values[COMPLETION_START_TIME] as SummedRow["completionStartTime"],
    level: values[LEVEL] as SummedRow["level"],
    status: values[STATUS] as SummedRow["status"],
    rank: values[RANK] as SummedRow["rank"],
    model: values[MODEL] as SummedRow["model"],
    provider: values[PROVIDER] as SummedRow["provider"],
    usage: parse(values[USAGE]) as SummedRow["usage"],
    cost: parse(values[COST]) as SummedRow["cost"],
    usageAggregate: values[USAGE_AGGREGATE] === 1,
    traceName: values[TRACE_NAME] as SummedRow["traceName"],
    userId: values[USER_ID] as SummedRow["userId"],
    sessionId: values[SESSION_ID] as SummedRow["sessionId"],
    tags: parse(values[TAGS]) as SummedRow["tags"],
    environment: values[ENVIRONMENT] as SummedRow["environment"],
    release: values[RELEASE] as SummedRow["release"],
    version: values[VERSION] as SummedRow["version"],
    public: values[PUBLIC] === null ? null : values[PUBLIC] === 1,
  };
}

function parse(json: SqlValue | undefined): unknown {
  return typeof json === "string" ? JSON.parse(json) : null;
}
