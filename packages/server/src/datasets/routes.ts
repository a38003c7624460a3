import { createHash, randomUUID } from "node:crypto";
import type { Context, Hono } from "hono";
import type { AddObservationsResponse, DatasetRunDetail } from "../api/datasets.ts";
import { HttpError } from "../http/errors.ts";
import { withFields, type Fields } from "../http/fields.ts";
import { isObject } from "../http/json-body.ts";
import { projectOf } from "../http/project.ts";
import { Query } from "../http/query.ts";
import type { IngestContext } from "../ingest/context.ts";
import type { StoredDataset, StoredDatasetItem } from "../model/dataset.ts";
import type { DatasetItemInput } from "../store/datasets.ts";
import { explained, notFound } from "../http/store-errors.ts";
import {
  datasetAnswer,
  datasetRow,
  itemAnswer,
  itemRow,
  pageAnswer,
  readCursorPage,
  runAnswer,
  runRow,
} from "./answers.ts";
import { linkItemMedia } from "./link-media.ts";
import { CSV_HEAD, countSkipped, csvLine, fineTuningLine, jsonLine, streamLines } from "./export.ts";

const STATUSES = ["ACTIVE", "ARCHIVED"] as const;
const FORMATS = ["openai", "jsonl", "csv"] as const;
const MAX_DESCRIPTION_CHARS = 10_000;
/** Observations that one request adds. */
const MAX_ADDED = 1000;
/** Payloads of added observations held at one time. */
const MAX_ADDED_BYTES = 8 * 1024 * 1024;

/** Datasets for the viewer; see `api/datasets.ts`. */
export function mountDatasets(app: Hono, ingest: IngestContext): void {
  const { store } = ingest;
  const datasetOf = async (context: Context): Promise<StoredDataset> => {
    const dataset = await store.getDataset(projectOf(context), context.req.param("name") ?? "");
    if (dataset === null) throw notFound("There is no dataset of this name.");
    return dataset;
  };
  const itemOf = async (context: Context): Promise<StoredDatasetItem> => {
    const item = await store.getDatasetItem(projectOf(context), context.req.param("id") ?? "");
    if (item === null) throw notFound("There is no dataset item with this id.");
    return item;
  };

  app.get("/api/datasets", async (context) => {
    const projectId = projectOf(context);
    const page = readCursorPage(new Query(context).only("limit", "cursor"));
    const { data, total } = await store.listDatasets(projectId, page);
    return context.json(pageAnswer({ data: data.map((dataset) => datasetRow(projectId, dataset)), total }, page));
  });
  app.post("/api/datasets", (context) =>
    withFields(context, ingest, async (fields) => {
      const projectId = projectOf(context);
      const name = fields.needAddress("name");
      if ((await store.getDataset(projectId, name)) !== null) {
        throw new HttpError(409, "conflict", "There is a dataset of this name already.");
      }
      const dataset = await store.putDataset(projectId, {
        id: randomUUID(),
        name,
        now: Date.now(),
        ...readDataset(fields),
      });
      return context.json(datasetAnswer(projectId, dataset), 201);
    }),
  );
  app.get("/api/datasets/:name", async (context) =>
    context.json(datasetAnswer(projectOf(context), await datasetOf(context))),
  );
  app.patch("/api/datasets/:name", (context) =>
    withFields(context, ingest, async (fields) => {
      const projectId = projectOf(context);
      const { id, name } = await datasetOf(context);
      const change = { id, name, newName: fields.address("name"), now: Date.now(), ...readDataset(fields) };
      return context.json(datasetAnswer(projectId, await explained(store.putDataset(projectId, change))));
    }),
  );
  app.delete("/api/datasets/:name", async (context) => {
    await store.deleteDataset(projectOf(context), (await datasetOf(context)).name);
    return context.body(null, 204);
  });

  app.get("/api/datasets/:name/items", async (context) => {
    const query = new Query(context).only("limit", "cursor", "status");
    const page = readCursorPage(query);
    const filter = { datasetId: (await datasetOf(context)).id, status: query.word("status", STATUSES) };
    const { data, total } = await store.listDatasetItems(projectOf(context), filter, page);
    return context.json(pageAnswer({ data: data.map(itemRow), total }, page));
  });
  app.post("/api/datasets/:name/items", (context) =>
    withFields(context, ingest, async (fields, bytes) => {
      const input = { ...readItem(fields), id: fields.address("id") ?? randomUUID() };
      return context.json(await putItem(context, (await datasetOf(context)).name, input, bytes), 201);
    }),
  );
  app.post("/api/datasets/:name/items/from-observations", (context) =>
    withFields(context, ingest, async (fields) => context.json(await addObservations(context, fields))),
  );
  app.get("/api/dataset-items/:id", async (context) => context.json(itemAnswer(await itemOf(context))));
  app.patch("/api/dataset-items/:id", (context) =>
    withFields(context, ingest, async (fields, bytes) => {
      const item = await itemOf(context);
      return context.json(await putItem(context, item.datasetName, { ...readItem(fields), id: item.id }, bytes));
    }),
  );
  app.delete("/api/dataset-items/:id", async (context) => {
    if (!(await store.deleteDatasetItem(projectOf(context), context.req.param("id"), Date.now()))) {
      throw notFound("There is no dataset item with this id.");
    }
    return context.body(null, 204);
  });

  app.get("/api/datasets/:name/runs", async (context) => {
    const page = readCursorPage(new Query(context).only("limit", "cursor"));
    const { data, total } = await store.listDatasetRuns(projectOf(context), (await datasetOf(context)).id, page);
    return context.json(pageAnswer({ data: data.map(runRow), total }, page));
  });
  app.get("/api/datasets/:name/runs/:run", async (context) => {
    const projectId = projectOf(context);
    const page = readCursorPage(new Query(context).only("limit", "cursor"));
    const run = await store.getDatasetRun(projectId, (await datasetOf(context)).id, context.req.param("run"));
    if (run === null) throw notFound("There is no run of this name.");
    const { data, total } = await store.listDatasetRunItems(projectId, run.id, page);
    const ids = [...new Set(data.map(({ datasetItemId }) => datasetItemId))];
    const items = await store.listDatasetItems(projectId, { ids }, { limit: page.limit, offset: 0, head: page.head });
    const byId = new Map(items.data.map((item) => [item.id, itemRow(item)]));
    const rows = data.map((link) => ({ ...link, item: byId.get(link.datasetItemId) ?? null }));
    const answer: DatasetRunDetail = { run: runAnswer(run), ...pageAnswer({ data: rows, total }, page) };
    return context.json(answer);
  });
  app.delete("/api/datasets/:name/runs/:run", async (context) => {
    const dataset = await datasetOf(context);
    if (!(await store.deleteDatasetRun(projectOf(context), dataset.id, context.req.param("run")))) {
      throw notFound("There is no run of this name.");
    }
    return context.body(null, 204);
  });
  app.get("/api/datasets/:name/export", async (context) => {
    const format = new Query(context).only("format").word("format", FORMATS) ?? "jsonl";
    const dataset = await datasetOf(context);
    const scope = { projectId: projectOf(context), datasetId: dataset.id, asOf: Date.now() };
    const [head, line] = format === "csv" ? [CSV_HEAD, csvLine] : ["", format === "openai" ? fineTuningLine : jsonLine];
    const extension = format === "csv" ? "csv" : "jsonl";
    return new Response(streamLines(store, scope, head, line), {
      headers: {
        "Content-Type": format === "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson",
        "Content-Disposition": `attachment; filename*=UTF-8''${encodeRfc8187(`${dataset.name}.${extension}`)}`,
        ...(format === "openai" && { "X-Spanwise-Skipped": String(await countSkipped(store, scope, line)) }),
      },
    });
  });

  async function putItem(context: Context, datasetName: string, input: DatasetItemInput, bytes: number) {
    const write = { datasetName, items: [input], now: Date.now(), bytes };
    const projectId = projectOf(context);
    const [item] = await explained(store.putDatasetItems(projectId, write));
    if (item === undefined) throw new Error("The store wrote no item.");
    await linkItemMedia(ingest, projectId, [item]);
    return itemAnswer(item);
  }

  async function addObservations(context: Context, fields: Fields): Promise<AddObservationsResponse> {
    const projectId = projectOf(context);
    const dataset = await datasetOf(context);
    const asked = readObservations(fields.value("observations"));
    let [items, bytes, added]: [DatasetItemInput[], number, number] = [[], 0, 0];
    const write = async (): Promise<void> => {
      const batch = { datasetName: dataset.name, items, onlyNew: true, now: Date.now(), bytes };
      const written = await explained(store.putDatasetItems(projectId, batch));
      await linkItemMedia(ingest, projectId, written);
      added += written.length;
      [items, bytes] = [[], 0];
    };
    for (const { traceId, observationId } of asked) {
      const [row] = await store.readRows(projectId, traceId, [observationId]);
      if (row === undefined) continue;
      const { input, output } = row.payload;
      bytes += (input?.length ?? 0) + (output?.length ?? 0);
      items.push({
        id: observationItemId(dataset.name, traceId, observationId),
        input,
        expectedOutput: output,
        sourceTraceId: traceId,
        sourceObservationId: observationId,
      });
      if (bytes > MAX_ADDED_BYTES) await write();
    }
    await write();
    return { added, skipped: asked.length - added };
  }
}

/** The SDK's `addToDataset` makes the same, so that an observation is in a dataset once, whoever adds it. */
function observationItemId(dataset: string, traceId: string, observationId: string): string {
  return createHash("sha256")
    .update(JSON.stringify([dataset, traceId, observationId]))
    .digest("hex")
    .slice(0, 32);
}

function readObservations(value: unknown): { traceId: string; observationId: string }[] {
  const list: unknown[] = Array.isArray(value) ? value : [];
  if (list.length === 0 || list.length > MAX_ADDED) throw bad(`observations is a list of 1 to ${MAX_ADDED}.`);
  return list.map((entry) => {
    const { traceId, observationId } = isObject(entry) ? entry : {};
    if (typeof traceId !== "string" || typeof observationId !== "string") {
      throw bad("observations have a traceId and an observationId.");
    }
    return { traceId, observationId };
  });
}

/** `null` takes a field away. */
function readDataset(fields: Fields) {
  return {
    description: fields.nullableText("description", MAX_DESCRIPTION_CHARS),
    metadata: fields.nullableJson("metadata"),
    inputSchema: fields.nullableJson("inputSchema"),
    expectedOutputSchema: fields.nullableJson("expectedOutputSchema"),
  };
}

function readItem(fields: Fields) {
  return {
    input: fields.nullableJson("input"),
    expectedOutput: fields.nullableJson("expectedOutput"),
    metadata: fields.nullableJson("metadata"),
    sourceTraceId: fields.nullableText("sourceTraceId"),
    sourceObservationId: fields.nullableText("sourceObservationId"),
    status: fields.word("status", STATUSES),
  };
}

/** https://www.rfc-editor.org/rfc/rfc8187 */
function encodeRfc8187(text: string): string {
  return encodeURIComponent(text).replaceAll(/['()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function bad(message: string): HttpError {
  return new HttpError(400, "bad_request", message);
}
