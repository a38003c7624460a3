import type { Context, Hono } from "hono";
import { HttpError } from "../../http/errors.ts";
import { projectOf } from "../../http/project.ts";
import { Query } from "../../http/query.ts";
import type { Selection, Store } from "../../store/store.ts";
import type { WholeObservation } from "../../store/whole-rows.ts";
import { answerList, readSelection } from "../list-params.ts";
import { toOtlpLine } from "./otlp.ts";
import { CSV_HEAD, toCsvLine, toJsonLine } from "./rows.ts";

/** Rows and characters of payload that are in memory at one time, for each export. */
const ROWS_A_PAGE = 200;
const PAYLOAD_CHARS_A_PAGE = 1024 * 1024;

interface Format {
  contentType: string;
  extension: string;
  head: string;
  toLine: (whole: WholeObservation) => string;
}

const FORMATS: Readonly<Record<string, Format>> = {
  jsonl: { contentType: "application/x-ndjson", extension: "jsonl", head: "", toLine: toJsonLine },
  csv: { contentType: "text/csv; charset=utf-8", extension: "csv", head: CSV_HEAD, toLine: toCsvLine },
  otlp: {
    contentType: "application/x-ndjson",
    extension: "otlp.jsonl",
    head: "",
    toLine: ({ row }) => toOtlpLine(row),
  },
};

/** `GET /api/export?format=jsonl|csv|otlp&q=&from=&to=`: observations as a file, oldest first. */
export function mountExport(app: Hono, store: Store): void {
  app.get("/api/export", (context) =>
    answerList(context, async () => {
      const name = new Query(context).raw("format") ?? "jsonl";
      const format = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
      if (format === undefined) throw new HttpError(400, "bad_request", "format is jsonl, csv or otlp.");
      return answerExport(context, store, readSelection(context, "observations", ["format"]), format);
    }),
  );
}

async function answerExport(context: Context, store: Store, selection: Selection, format: Format): Promise<Response> {
  const lines = writeLines(store, projectOf(context), selection, format);
  // The first page before the head of the answer: what fails then is still told with its status.
  const first = await lines.next();
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      if (!first.done) controller.enqueue(encoder.encode(first.value));
    },
    // A client that reads slowly is waited for: the next page is read when it has taken this one.
    async pull(controller) {
      const { done, value } = await lines.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await lines.return();
    },
  });
  return context.body(stream, 200, {
    "Content-Type": format.contentType,
    "Content-Disposition": `attachment; filename="spanwise-export.${format.extension}"`,
  });
}

async function* writeLines(
  store: Store,
  projectId: string,
  selection: Selection,
  { head, toLine }: Format,
): AsyncGenerator<string, void> {
  let text = head;
  let cursor: string | undefined;
  do {
    const page = await store.selectObservations(projectId, {
      ...selection,
      sort: { field: "start", descending: false },
      limit: ROWS_A_PAGE,
      maxPayloadChars: PAYLOAD_CHARS_A_PAGE,
      cursor,
    });
    for (const whole of page.data) text += toLine(whole);
    yield text;
    text = "";
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
