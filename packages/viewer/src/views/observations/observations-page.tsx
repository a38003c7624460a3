import { lazy, Suspense, useMemo, useState } from "react";
import { useLocation } from "wouter";
import { fetchObservations } from "../../api/client.ts";
import type { ObservationListRow } from "../../api/types.ts";
import type { LiveListSource } from "../../api/use-live-list.ts";
import { DEFAULT_SORT } from "../../model/list-state.ts";
import type { PageProps } from "../../pages.tsx";
import { clauseText } from "../../query/clauses.ts";
import { comparePath } from "../../routes.ts";
import { RelativeTime } from "../../table/cells.tsx";
import buttons from "../../ui/button.module.css";
import { Icon } from "../../ui/icons.tsx";
import { Notice } from "../../ui/notice.tsx";
import { AddToDataset } from "../datasets/add-to-dataset.tsx";
import { ListPage, type ListQueryState } from "../list/list-page.tsx";
import { ScoreDialog } from "../trace/score-dialog.tsx";
import { ObservationCost, ObservationDuration, observationHref, ObservationName } from "./observation-cells.tsx";
import { observationColumns } from "./observation-columns.tsx";
import styles from "../traces/trace-columns.module.css";

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

type Dialog = { kind: "dataset" | "score"; rows: readonly ObservationListRow[]; clear: () => void } | null;

export function ObservationsPage({ project }: PageProps) {
  const columns = useMemo(() => observationColumns(project), [project]);
  const [dialog, setDialog] = useState<Dialog>(null);
  const [, navigate] = useLocation();
  const first = dialog?.rows[0];
  return (
    <>
      <ListPage
        project={project}
        title="Observations"
        nouns={["observation", "observations"]}
        target="observations"
        columns={columns}
        source={observationSource}
        hrefOf={observationHref}
        phoneRow={(row, nowMs) => (
          <div role="cell" className={styles["phone"]}>
            <ObservationName row={row} />
            <div className={styles["facts"]}>
              <ObservationDuration row={row} />
              <ObservationCost row={row} />
            </div>
            <RelativeTime timeMs={row.startTime} nowMs={nowMs} />
          </div>
        )}
        peek={(id, close) => (
          <Suspense>
            <ObservationPeek key={id} project={project} rowId={id} onClose={close} />
          </Suspense>
        )}
        outlierId={(traceId, observationId) => idOf({ traceId, id: observationId ?? "" })}
        actions={(rows, clear) => {
          const traces = [...new Set(rows.map((row) => row.traceId))];
          const [a, b] = traces;
          return (
            <>
              <button
                type="button"
                className={buttons["primary"]}
                onClick={() => setDialog({ kind: "dataset", rows, clear })}
              >
                <Icon name="database" size={14} /> Add to dataset
              </button>
              {rows.length === 1 && (
                <button
                  type="button"
                  className={buttons["text"]}
                  onClick={() => setDialog({ kind: "score", rows, clear })}
                >
                  <Icon name="star" size={14} /> Score
                </button>
              )}
              {traces.length === 2 && a !== undefined && b !== undefined && (
                <button type="button" className={buttons["text"]} onClick={() => navigate(comparePath(project, a, b))}>
                  <Icon name="compare" size={14} /> Compare traces
                </button>
              )}
            </>
          );
        }}
        firstUse={
          <Notice title="No observation has arrived yet">
            <p>
              Every step of a trace is an observation: a model call, a tool, a retrieval. They are listed here as soon
              as something sends a trace. The trace list shows how.
            </p>
          </Notice>
        }
      />
      {dialog?.kind === "dataset" && (
        <AddToDataset
          observations={dialog.rows.map(({ traceId, id }) => ({ traceId, observationId: id }))}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog?.kind === "score" && first !== undefined && (
        <ScoreDialog
          traceId={first.traceId}
          observationId={first.id}
          subject={first.name || first.type}
          onClose={() => setDialog(null)}
        />
      )}
    </>
  );
}
