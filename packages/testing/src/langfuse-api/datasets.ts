import { randomUUID, createHash } from "node:crypto";
import { asString, isObject, type JsonObject } from "../json.ts";
import { PAGE_FIELDS, PROJECT_ID, newestFirst, nowText, numbered, readQuery, type Route } from "./context.ts";
import { ApiRefusal, anything, check, maybe, notFound, object, oneOf, text, time } from "./shape.ts";
import type { LangfuseApiData } from "./types.ts";

const DATASET = object({
  name: text,
  description: maybe(text),
  metadata: anything,
  inputSchema: maybe(anything),
  expectedOutputSchema: maybe(anything),
});
const ITEM = object({
  datasetName: text,
  id: maybe(text),
  sourceTraceId: maybe(text),
  sourceObservationId: maybe(text),
  status: maybe(oneOf("ACTIVE", "ARCHIVED")),
});
const RUN_ITEM = object(
  {
    runName: text,
    runDescription: maybe(text),
    metadata: anything,
    datasetItemId: text,
    observationId: maybe(text),
    traceId: maybe(text),
    datasetVersion: maybe(time),
    createdAt: maybe(time),
  },
  { strict: true },
);

function datasetOf(data: LangfuseApiData, name: string): JsonObject {
  const dataset = data.datasets.get(name);
  if (dataset === undefined) throw notFound("Dataset not found");
  return dataset;
}

function itemOf(data: LangfuseApiData, id: string): JsonObject {
  const item = data.items.get(id);
  if (item === undefined) throw notFound("Dataset item not found");
  return item;
}

function runOf(data: LangfuseApiData, datasetName: string, runName: string): JsonObject {
  const run = data.runs.get(JSON.stringify([datasetName, runName]));
  if (run === undefined) throw notFound("Dataset run not found");
  return run;
}

/** What is given and not null. */
function given(body: JsonObject, ...keys: readonly string[]): JsonObject {
  return Object.fromEntries(
    keys.flatMap((key) => (body[key] === undefined || body[key] === null ? [] : [[key, body[key]]])),
  );
}

export const datasetRoutes: readonly Route[] = [
  {
    method: "POST",
    pattern: /^\/api\/public\/v2\/datasets$/,
    answer({ request, data }) {
      const body = check(DATASET, request.body);
      const name = asString(body["name"]);
      const now = nowText();
      const old = data.datasets.get(name) ?? {
        id: randomUUID(),
        projectId: PROJECT_ID,
        name,
        description: null,
        metadata: null,
        createdAt: now,
      };
      const fields = given(body, "description", "metadata", "inputSchema", "expectedOutputSchema");
      const dataset = { ...old, ...fields, updatedAt: now };
      data.datasets.set(name, dataset);
      return { status: 200, body: dataset };
    },
  },
  {
    method: "GET",
    pattern: /^\/api\/public\/v2\/datasets$/,
    answer: ({ request, data }) => numbered(newestFirst(data.datasets.values()), readQuery(request, PAGE_FIELDS)),
  },
  {
    method: "GET",
    pattern: /^\/api\/public\/v2\/datasets\/([^/]+)$/,
    answer: ({ data, parts }) => ({ status: 200, body: datasetOf(data, parts[0]!) }),
  },
  {
    method: "POST",
    pattern: /^\/api\/public\/dataset-items$/,
    answer({ request, data }) {
      const body = check(ITEM, request.body);
      const dataset = datasetOf(data, asString(body["datasetName"]));
      const id = typeof body["id"] === "string" ? body["id"] : randomUUID();
      const old = data.items.get(id);
      if (old !== undefined && old["datasetId"] !== dataset["id"]) {
        throw notFound(
          `The dataset item with id ${id} already exists in a dataset other than ${asString(dataset["name"])}`,
        );
      }
      const now = nowText();
      const item = {
        id,
        status: "ACTIVE",
        input: null,
        expectedOutput: null,
        metadata: null,
        sourceTraceId: null,
        sourceObservationId: null,
        createdAt: now,
        ...old,
        ...given(body, "input", "expectedOutput", "metadata", "sourceTraceId", "sourceObservationId", "status"),
        datasetId: dataset["id"],
        datasetName: dataset["name"],
        updatedAt: now,
      };
      data.items.set(id, item);
      return { status: 200, body: item };
    },
  },
  {
    method: "GET",
    pattern: /^\/api\/public\/dataset-items$/,
    answer({ request, data }) {
      const filters = { datasetName: maybe(text), sourceTraceId: maybe(text), sourceObservationId: maybe(text) };
      const query = readQuery(request, { ...PAGE_FIELDS, ...filters, version: maybe(time) });
      if (query["version"] !== undefined && query["datasetName"] === undefined) {
        throw new ApiRefusal(400, "version needs datasetName");
      }
      if (typeof query["datasetName"] === "string") datasetOf(data, query["datasetName"]);
      const found = [...data.items.values()].filter((item) =>
        Object.keys(filters).every((key) => query[key] === undefined || item[key] === query[key]),
      );
      return numbered(newestFirst(found), query);
    },
  },
  {
    method: "GET",
    pattern: /^\/api\/public\/dataset-items\/([^/]+)$/,
    answer: ({ data, parts }) => ({ status: 200, body: itemOf(data, parts[0]!) }),
  },
  {
    method: "DELETE",
    pattern: /^\/api\/public\/dataset-items\/([^/]+)$/,
    answer({ data, parts }) {
      itemOf(data, parts[0]!);
      data.items.delete(parts[0]!);
      data.runItems = data.runItems.filter((item) => item["datasetItemId"] !== parts[0]);
      return { status: 200, body: { message: "Dataset item successfully deleted" } };
    },
  },
  {
    method: "POST",
    pattern: /^\/api\/public\/dataset-run-items$/,
    answer({ request, data, version }) {
      const body = check(RUN_ITEM, request.body);
      const item = itemOf(data, asString(body["datasetItemId"]));
      if (item["status"] !== "ACTIVE") throw notFound("Dataset item not found");
      if (typeof body["traceId"] !== "string") throw notFound("Trace not found");
      const runName = asString(body["runName"]);
      const now = nowText();
      // Version 4 keeps nothing of it: the id of a run is the same for the same names.
      const stableId = createHash("sha256")
        .update(`${asString(item["datasetId"])} ${runName}`)
        .digest("hex")
        .slice(0, 32);
      const key = JSON.stringify([item["datasetName"], runName]);
      const old = data.runs.get(key) ?? { description: null, metadata: {}, createdAt: now };
      const run = {
        ...old,
        id: stableId,
        name: runName,
        ...(typeof body["runDescription"] === "string" && { description: body["runDescription"] }),
        ...(isObject(body["metadata"]) && { metadata: body["metadata"] }),
        datasetId: item["datasetId"],
        datasetName: item["datasetName"],
        updatedAt: now,
      };
      const runItem = {
        id: randomUUID(),
        datasetRunId: stableId,
        datasetRunName: runName,
        datasetItemId: item["id"],
        traceId: body["traceId"],
        observationId: body["observationId"] ?? null,
        createdAt: now,
        updatedAt: now,
      };
      if (version === 3) {
        data.runs.set(key, run);
        data.runItems.push(runItem);
      }
      return { status: 200, body: runItem };
    },
  },
  {
    method: "GET",
    pattern: /^\/api\/public\/dataset-run-items$/,
    version: 3,
    answer({ request, data }) {
      const query = readQuery(request, { ...PAGE_FIELDS, datasetId: text, runName: text });
      const run = [...data.runs.values()].find(
        (found) => found["datasetId"] === query["datasetId"] && found["name"] === query["runName"],
      );
      if (run === undefined) throw notFound("Dataset run not found for the given project and dataset id");
      return numbered(newestFirst(data.runItems.filter((item) => item["datasetRunId"] === run["id"])), query);
    },
  },
  {
    method: "GET",
    pattern: /^\/api\/public\/datasets\/([^/]+)\/runs$/,
    version: 3,
    answer({ request, data, parts }) {
      datasetOf(data, parts[0]!);
      const runs = [...data.runs.values()].filter((run) => run["datasetName"] === parts[0]);
      return numbered(newestFirst(runs), readQuery(request, PAGE_FIELDS));
    },
  },
  {
    method: "GET",
    pattern: /^\/api\/public\/datasets\/([^/]+)\/runs\/([^/]+)$/,
    version: 3,
    answer({ data, parts }) {
      const run = runOf(data, parts[0]!, parts[1]!);
      const datasetRunItems = data.runItems.filter((item) => item["datasetRunId"] === run["id"]);
      return { status: 200, body: { ...run, datasetRunItems } };
    },
  },
  {
    method: "DELETE",
    pattern: /^\/api\/public\/datasets\/([^/]+)\/runs\/([^/]+)$/,
    version: 3,
    answer({ data, parts }) {
      const run = runOf(data, parts[0]!, parts[1]!);
      data.runs.delete(JSON.stringify([parts[0], parts[1]]));
      data.runItems = data.runItems.filter((item) => item["datasetRunId"] !== run["id"]);
      return { status: 200, body: { message: "Dataset run successfully deleted" } };
    },
  },
];
