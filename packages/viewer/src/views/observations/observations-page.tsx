import { lazy, Suspense, useMemo } from "react";
import { fetchObservations } from "../../api/client.ts";
import type { ObservationListRow } from "../../api/types.ts";
import type { LiveListSource } from "../../api/use-live-list.ts";
import { DEFAULT_SORT } from "../../model/list-state.ts";
import type { PageProps } from "../../pages.tsx";
import { clauseText } from "../../query/clauses.ts";
import { PhoneRow } from "../../table/row-parts.tsx";
import { Notice } from "../../ui/notice.tsx";
import { ListPage, type ListQueryState } from "../list/list-page.tsx";
import { ObservationCost, ObservationDuration, observationHref, ObservationName } from "./observation-cells.tsx";
import { observationColumns } from "./observation-columns.tsx";
import { SelectionActions } from "./selection-actions.tsx";

const ObservationPeek = lazy(async () => ({ default: (await import("./observation-peek.tsx")).ObservationPeek }));

/** Rows of a trace that are read again when it changes. */
const MAX_ROWS_OF_TRACES = 200;

/** An id is unique in its trace only. */
const idOf = ({ traceId, id }: Pick<ObservationListRow, "traceId" | "id">): string => `${traceId}.${id}`;

function observationSource(query: ListQueryState): LiveListSource<ObservationListRow> {
  const { project, q, sort } = query;
  return {
    queryKey: ["observations", project, q, query.from, query.to, sort],
    idOf,
    timeOf: (row) => row.startTime,
    traceIdOf: (row) => row.traceId,
    isRunning: (row) => row.status === "running",
    isNewestFirst: sort === DEFAULT_SORT,
    fetchPage: (cursor, signal) => fetchObservations({ ...query, cursor }, signal),
    fetchOf: async (traceIds) =>
      (await fetchObservations({ project, q: clauseText("traceId", traceIds), limit: MAX_ROWS_OF_TRACES })).data,
  };
}

export function ObservationsPage({ project }: PageProps) {
  const columns = useMemo(() => observationColumns(project), [project]);
  return (
    <ListPage
      project={project}
      title="Observations"
      nouns={["observation", "observations"]}
      target="observations"
      columns={columns}
      source={observationSource}
      hrefOf={observationHref}
      phoneRow={(row, nowMs) => (
        <PhoneRow
          title={<ObservationName row={row} />}
          facts={
            <>
              <ObservationDuration row={row} />
              <ObservationCost row={row} />
            </>
          }
          timeMs={row.startTime}
          nowMs={nowMs}
        />
      )}
      peek={(id, close) => (
        <Suspense>
          <ObservationPeek key={id} project={project} rowId={id} onClose={close} />
        </Suspense>
      )}
      outlierId={(traceId, observationId) => idOf({ traceId, id: observationId ?? "" })}
      actions={(rows) => <SelectionActions project={project} rows={rows} />}
      firstUse={
        <Notice title="No observation has arrived yet">
          <p>
            Every step of a trace is an observation: a model call, a tool, a retrieval. They are listed here as soon as
            something sends a trace. The trace list shows how.
          </p>
        </Notice>
      }
    />
  );
}
