import { useMemo, useState } from "react";
import { Link } from "wouter";
import { type RunRow, runReader } from "../../api/use-dataset-run.ts";
import { formatCost, formatDuration } from "../../model/format.ts";
import { rowPreview } from "../../model/item-text.ts";
import { readablePreview } from "../../model/preview.ts";
import type { PageProps } from "../../pages.tsx";
import { datasetPath, tracePath } from "../../routes.ts";
import { Muted, OpenLink } from "../../table/cells.tsx";
import { type Column, column } from "../../table/columns.ts";
import { PhoneRow } from "../../table/row-parts.tsx";
import buttons from "../../ui/button.module.css";
import { ScoreChips } from "../../ui/chip.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Notice } from "../../ui/notice.tsx";
import { PageList } from "../list/page-list.tsx";
import { RunDialog } from "./run-dialog.tsx";
import styles from "./datasets.module.css";

const idOf = (row: RunRow): string => row.id;

/** How the items of a dataset went in one run: what was expected beside what came, with its scores. */
export function RunPage({ project, params }: PageProps) {
  const [dataset, run] = [params["name"] ?? "", params["run"] ?? ""];
  const [opened, setOpened] = useState<RunRow | null>(null);
  const source = useMemo(
    () => ({
      queryKey: ["datasets", project, "run", dataset, run],
      fetchPage: runReader(project, dataset, run),
      idOf,
    }),
    [project, dataset, run],
  );
  const columns = useMemo(() => runColumns(project, setOpened), [project]);
  return (
    <>
      <PageList
        title={run}
        nouns={["item", "items"]}
        source={source}
        columns={columns}
        hrefOf={({ link }) => tracePath(project, link.traceId, link.observationId)}
        phoneRow={(row, nowMs) => (
          <PhoneRow
            title={<RunInput row={row} onOpen={setOpened} />}
            facts={<span className={styles["text"]}>{outputOf(row)}</span>}
            timeMs={row.link.createdAt}
            nowMs={nowMs}
          />
        )}
        before={
          <Link
            href={datasetPath(project, dataset)}
            className={buttons["icon"]}
            aria-label={`Back to ${dataset}`}
            title={`Back to ${dataset}`}
          >
            <Icon name="back" />
          </Link>
        }
        commands={(selected) => [
          {
            id: "open",
            label: "Expected and output side by side",
            keys: ["e", "o"],
            isKeyOnly: true,
            isEnabled: selected !== undefined,
            run: () => setOpened(selected ?? null),
          },
        ]}
        empty={
          <Notice title="No item in this run" level={2}>
            <p>An item appears when a program links a trace to it.</p>
          </Notice>
        }
      />
      {opened !== null && <RunDialog row={opened} onClose={() => setOpened(null)} />}
    </>
  );
}

function runColumns(project: string, onOpen: (row: RunRow) => void): Column<RunRow>[] {
  return [
    column({
      id: "input",
      label: "Input",
      width: 180,
      grow: 1,
      priority: Number.POSITIVE_INFINITY,
      isFixed: true,
      cell: (row) => <RunInput row={row} onOpen={onOpen} />,
    }),
    column({
      id: "expected",
      label: "Expected output",
      width: 180,
      grow: 1,
      priority: 8,
      cell: ({ item }) => (
        <span className={styles["text"]}>{(item && rowPreview(item, "expectedOutput")) ?? <Muted>none</Muted>}</span>
      ),
    }),
    column({
      id: "output",
      label: "Output",
      width: 180,
      grow: 1,
      priority: 10,
      cell: (row) => <span className={styles["text"]}>{outputOf(row)}</span>,
    }),
    column({
      id: "scores",
      label: "Scores",
      width: 150,
      grow: 0.6,
      priority: 9,
      cell: ({ result }) => (
        <span className={styles["scores"]}>
          {result !== null && <ScoreChips scores={result.scores} count={result.scoreCount} max={5} />}
        </span>
      ),
    }),
    column({
      id: "duration",
      label: "Duration",
      width: 78,
      align: "end",
      priority: 6,
      cell: ({ result }) => formatDuration(result?.durationMs ?? null),
    }),
    column({
      id: "cost",
      label: "Cost",
      width: 84,
      align: "end",
      priority: 5,
      cell: ({ result }) => (result === null || result.cost === null ? <Muted>–</Muted> : formatCost(result.cost)),
    }),
    column({
      id: "trace",
      label: "Trace",
      width: 60,
      priority: 7,
      cell: ({ link }) => <OpenLink href={tracePath(project, link.traceId, link.observationId)}>open</OpenLink>,
    }),
  ];
}

function outputOf({ result }: RunRow): string {
  if (result === null) return "The trace is no longer stored";
  return readablePreview(result.outputPreview) ?? (result.status === "error" ? "failed" : "none");
}

function RunInput({ row, onOpen }: { row: RunRow; onOpen: (row: RunRow) => void }) {
  return (
    <button type="button" className={styles["edit"]} title="Side by side (e)" onClick={() => onOpen(row)}>
      {row.item === null ? "The item was deleted" : (rowPreview(row.item, "input") ?? "no input")}
    </button>
  );
}
