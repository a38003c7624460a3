import { createHash, randomUUID } from "node:crypto";
import type { Context, Hono } from "hono";
import { linkItemMedia } from "../datasets/link-media.ts";
import { withFields, type Fields } from "../http/fields.ts";
import { projectOf } from "../http/project.ts";
import { Query } from "../http/query.ts";
import { HttpError } from "../http/errors.ts";
import type { IngestContext } from "../ingest/context.ts";
import type { MediaRoutes } from "../media/routes.ts";
import type { StoredDataset, StoredDatasetItem } from "../model/dataset.ts";
import { MAX_DATASET_PAGE } from "../store/datasets.ts";
import { explained, notFound } from "../http/store-errors.ts";
import { describeItemMedia } from "./item-media.ts";
import { numberedAnswer, readPage } from "./page.ts";
import { datasetItemShape, datasetRunItemShape, datasetRunShape, datasetShape } from "./shapes/dataset.ts";

const STATUSES = ["ACTIVE", "ARCHIVED"] as const;
const ITEM_PARAMETERS = ["datasetName", "sourceTraceId", "sourceObservationId", "version", "page", "limit"];

/** Datasets of Langfuse's API, both generations: items, and runs where version 4 has experiments. */
export function mountDatasetRoutes(app: Hono, ingest: IngestContext, media: MediaRoutes): void {
  const { store } = ingest;
  const answerItem = async (context: Context, item: StoredDatasetItem): Promise<object> =>
    datasetItemShape(item, await describeItemMedia(context, { store, media }, item));

  const datasetOf = async (projectId: string, name: string): Promise<StoredDataset> => {
    const dataset = await store.getDataset(projectId, name);
    if (dataset === null) throw notFound("Dataset not found.");
    return dataset;
  };
  const createDataset = (context: Context): Promise<Response> =>
    withFields(context, ingest, async (fields) => {
      const projectId = projectOf(context);
      const dataset = await store.putDataset(projectId, { id: randomUUID(), now: Date.now(), ...readDataset(fields) });
      return context.json(datasetShape(projectId, dataset));
    });

  for (const path of ["/api/public/v2/datasets", "/api/public/datasets"]) {
    app.post(path, createDataset);
    app.get(path, async (context) => {
      const projectId = projectOf(context);
      const page = readPage(new Query(context).only("page", "limit"));
      const { data, total } = await store.listDatasets(projectId, page);
      return context.json(
        numberedAnswer({ data: data.map((dataset) => datasetShape(projectId, dataset)), total }, page),
      );
    });
    app.get(`${path}/:name`, async (context) => {
      const projectId = projectOf(context);
      return context.json(datasetShape(projectId, await datasetOf(projectId, context.req.param("name"))));
    });
  }

  app.post("/api/public/dataset-items", (context) =>
    withFields(context, ingest, async (fields, bytes) => {
      const datasetName = fields.needText("datasetName");
      const write = { datasetName, items: [readItem(fields)], now: Date.now(), bytes };
      try {
        const [item] = await explained(store.putDatasetItems(projectOf(context), write));
        if (item === undefined) throw new Error("The store wrote no item.");
        await linkItemMedia(ingest, projectOf(context), [item]);
        return context.json(await answerItem(context, item));
      } catch (error) {
        if (error instanceof HttpError && error.status === 409) throw notFound(error.message);
        throw error;
      }
    }),
  );
  app.get("/api/public/dataset-items", async (context) => {
    const projectId = projectOf(context);
    const query = new Query(context).only(...ITEM_PARAMETERS);
    const page = readPage(query);
    const name = query.text("datasetName");
    const asOf = query.time("version");
    if (asOf !== undefined && name === undefined) {
      throw new HttpError(400, "bad_request", "version needs a datasetName beside it.");
    }
    const filter = {
      datasetId: name === undefined ? undefined : (await datasetOf(projectId, name)).id,
      sourceTraceId: query.text("sourceTraceId"),
      sourceObservationId: query.text("sourceObservationId"),
      asOf,
    };
    const { data, total } = await store.listDatasetItems(projectId, filter, page);
    const items = await Promise.all(data.map((item) => answerItem(context, item)));
    return context.json(numberedAnswer({ data: items, total }, page));
  });
  app.get("/api/public/dataset-items/:id", async (context) => {
    const item = await store.getDatasetItem(projectOf(context), context.req.param("id"));
    if (item === null) throw notFound("Dataset item not found.");
    return context.json(await answerItem(context, item));
  });
  app.delete("/api/public/dataset-items/:id", async (context) => {
    if (!(await store.deleteDatasetItem(projectOf(context), context.req.param("id"), Date.now()))) {
      throw notFound("Dataset item not found.");
    }
    return context.json({ message: "Dataset item successfully deleted" });
  });

  app.post("/api/public/dataset-run-items", (context) =>
    withFields(context, ingest, async (fields) => {
      const projectId = projectOf(context);
      const item = await store.getDatasetItem(projectId, fields.needText("datasetItemId"));
      if (item === null || item.status !== "ACTIVE") throw notFound("Dataset item not found.");
      const input = readRunItem(fields, item.datasetId);
      return context.json(datasetRunItemShape(await explained(store.putDatasetRunItem(projectId, input))));
    }),
  );
  app.get("/api/public/dataset-run-items", async (context) => {
    const projectId = projectOf(context);
    const query = new Query(context).only("datasetId", "runName", "page", "limit");
    const page = readPage(query);
    const [datasetId, runName] = [query.text("datasetId"), query.text("runName")];
    if (datasetId === undefined || runName === undefined) {
      throw new HttpError(400, "bad_request", "datasetId and runName are needed.");
    }
    const run = await store.getDatasetRun(projectId, datasetId, runName);
    if (run === null) throw notFound("Dataset run not found for the given project and dataset id.");
    const { data, total } = await store.listDatasetRunItems(projectId, run.id, page);
    return context.json(numberedAnswer({ data: data.map(datasetRunItemShape), total }, page));
  });
  app.get("/api/public/datasets/:name/runs", async (context) => {
    const projectId = projectOf(context);
    const page = readPage(new Query(context).only("page", "limit"));
    const dataset = await datasetOf(projectId, context.req.param("name"));
    const { data, total } = await store.listDatasetRuns(projectId, dataset.id, page);
    return context.json(numberedAnswer({ data: data.map(datasetRunShape), total }, page));
  });
  app.get("/api/public/datasets/:name/runs/:run", async (context) => {
    const projectId = projectOf(context);
    const dataset = await datasetOf(projectId, context.req.param("name"));
    const run = await store.getDatasetRun(projectId, dataset.id, context.req.param("run"));
    if (run === null) throw notFound("Dataset run not found.");
    const datasetRunItems: object[] = [];
    while (datasetRunItems.length < run.itemCount) {
      const page = { limit: MAX_DATASET_PAGE, offset: datasetRunItems.length };
      const { data } = await store.listDatasetRunItems(projectId, run.id, page);
      datasetRunItems.push(...data.map(datasetRunItemShape));
      if (data.length < MAX_DATASET_PAGE) break;
    }
    return context.json({ ...datasetRunShape(run), datasetRunItems });
  });
  app.delete("/api/public/datasets/:name/runs/:run", async (context) => {
    const projectId = projectOf(context);
    const dataset = await datasetOf(projectId, context.req.param("name"));
    if (!(await store.deleteDatasetRun(projectId, dataset.id, context.req.param("run")))) {
      throw notFound("Dataset run not found.");
    }
    return context.json({ message: "Dataset run successfully deleted" });
  });
}

function readDataset(fields: Fields) {
  return {
    name: fields.needAddress("name"),
    description: fields.text("description", MAX_DESCRIPTION_CHARS),
    metadata: fields.json("metadata"),
    inputSchema: fields.json("inputSchema"),
    expectedOutputSchema: fields.json("expectedOutputSchema"),
  };
}

const MAX_DESCRIPTION_CHARS = 10_000;

function readItem(fields: Fields) {
  return {
    id: fields.address("id") ?? randomUUID(),
    input: fields.json("input"),
    expectedOutput: fields.json("expectedOutput"),
    metadata: fields.json("metadata"),
    sourceTraceId: fields.text("sourceTraceId"),
    sourceObservationId: fields.text("sourceObservationId"),
    status: fields.word("status", STATUSES),
  };
}

/** Ids follow from what they name, as in Langfuse 4: a link that is sent twice is one. */
function readRunItem(fields: Fields, datasetId: string) {
  const runName = fields.needAddress("runName");
  const datasetItemId = fields.needText("datasetItemId");
  const traceId = fields.needText("traceId");
  const observationId = fields.text("observationId") ?? null;
  return {
    id: stableId([datasetId, runName, datasetItemId, traceId, observationId]),
    runId: stableId([datasetId, runName]),
    runName,
    runDescription: fields.text("runDescription", MAX_DESCRIPTION_CHARS),
    runMetadata: fields.json("metadata"),
    datasetItemId,
    traceId,
    observationId,
    createdAt: fields.time("createdAt"),
    now: Date.now(),
  };
}

function stableId(parts: readonly (string | null)[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}
