import { lazy, Suspense, useMemo } from "react";
import { fetchTraces } from "../../api/client.ts";
import type { LiveListSource } from "../../api/use-live-list.ts";
import type { TraceSummary } from "../../api/types.ts";
import { DEFAULT_SORT } from "../../model/list-state.ts";
import type { PageProps } from "../../pages.tsx";
import { clauseText } from "../../query/clauses.ts";
import { tracePath } from "../../routes.ts";
import { LoadingPage } from "../../ui/loading.tsx";
import { ListPage, type ListQueryState } from "../list/list-page.tsx";
import { FirstTrace } from "./first-trace.tsx";
import { SelectedTraces } from "./selected-traces.tsx";
import { traceColumns } from "./trace-columns.tsx";
import { TracePhoneRow } from "./trace-phone-row.tsx";

// As on its own page: the list does not wait for what a trace needs.
const TracePeek = lazy(async () => ({ default: (await import("../trace/trace-peek.tsx")).TracePeek }));

/** How long after its start a row that appears counts as new and lights up. */
const FRESH_MS = 4_000;

const idOf = (trace: TraceSummary): string => trace.traceId;
const timeOf = (trace: TraceSummary): number => trace.startTime;

function traceSource(query: ListQueryState): LiveListSource<TraceSummary> {
  const { project, q, sort } = query;
  return {
    queryKey: ["traces", project, q, query.from, query.to, sort],
    idOf,
    timeOf,
    traceIdOf: idOf,
    isRunning: (trace) => trace.status === "running",
    isNewestFirst: sort === DEFAULT_SORT,
    fetchPage: (cursor, signal) => fetchTraces({ ...query, cursor }, signal),
    fetchOf: async (traceIds) =>
      (await fetchTraces({ project, q: clauseText("id", traceIds), limit: traceIds.length })).data,
  };
}

export function TracesPage({ project }: PageProps) {
  const columns = useMemo(() => traceColumns(project), [project]);
  return (
    <ListPage
      project={project}
      title="Traces"
      nouns={["trace", "traces"]}
      target="traces"
      columns={columns}
      source={traceSource}
      hrefOf={(trace) => tracePath(project, trace.traceId)}
      phoneRow={(trace, nowMs) => <TracePhoneRow project={project} trace={trace} nowMs={nowMs} />}
      isFresh={(trace) => Date.now() - trace.startTime < FRESH_MS}
      peek={(traceId, close) => (
        <Suspense fallback={<LoadingPage />}>
          <TracePeek key={traceId} project={project} traceId={traceId} onClose={close} />
        </Suspense>
      )}
      outlierId={(traceId) => traceId}
      actions={(traces) => <SelectedTraces project={project} traces={traces} />}
      firstUse={<FirstTrace project={project} />}
    />
  );
}
