import { useMemo, useRef, useState } from "react";
import type { LoadedTrace } from "../../api/use-trace.ts";
import { useCommands } from "../../commands/use-commands.ts";
import { align, type AlignedRow } from "../../compare/align.ts";
import { delta, formatDelta, type Measured, measure, tone } from "../../compare/delta.ts";
import type { ObservationStatus, ObservationType } from "../../api/types.ts";
import { formatCost, formatCount, formatDuration } from "../../model/format.ts";
import { nameOf, statusOf, typeOf } from "../../trace/model.ts";
import { KindIcon } from "../../ui/kind-icon.tsx";
import { StatusMark } from "../../ui/status-mark.tsx";
import { useRows } from "../../ui/use-rows.ts";
import { PairDetail } from "./pair-detail.tsx";
import styles from "./compare.module.css";

const ROW_HEIGHT = 30;
const INDENT_PX = 16;

interface CompareViewProps {
  a: LoadedTrace;
  b: LoadedTrace;
}

/** The aligned tree on top, the two sides of the chosen step below. */
export function CompareView({ a, b }: CompareViewProps) {
  const rows = useMemo(() => align(a.model, b.model), [a.model, b.model]);
  const [selected, setSelected] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const mounted = useRows({ count: rows.length, rowHeight: ROW_HEIGHT, scroller });
  const isDifferent = (row: AlignedRow | undefined): boolean => row !== undefined && (row.a === -1 || row.b === -1);
  const choose = (index: number): void => {
    const next = Math.min(rows.length - 1, Math.max(0, index));
    setSelected(next);
    mounted.reveal(next);
  };
  const toDifference = (step: 1 | -1): void => {
    for (let at = selected + step; at >= 0 && at < rows.length; at += step) {
      if (isDifferent(rows[at])) return choose(at);
    }
  };
  useCommands("Compare", [
    { id: "down", label: "Next step", keys: ["j", "ArrowDown"], isKeyOnly: true, run: () => choose(selected + 1) },
    { id: "up", label: "Previous step", keys: ["k", "ArrowUp"], isKeyOnly: true, run: () => choose(selected - 1) },
    { id: "next", label: "Next step that only one has", keys: ["n"], run: () => toDifference(1) },
    { id: "previous", label: "Previous step that only one has", keys: ["p"], run: () => toDifference(-1) },
  ]);
  const row = rows[selected];
  return (
    <div className={styles["body"]}>
      <div role="table" aria-label="Steps of both traces" aria-rowcount={rows.length + 1} className={styles["table"]}>
        <div role="rowgroup" className={styles["columns"]}>
          <div role="row" aria-rowindex={1} className={styles["row"]}>
            <span role="columnheader">Step</span>
            <span role="columnheader">Duration A</span>
            <span role="columnheader">B</span>
            <span role="columnheader">Δ</span>
            <span role="columnheader">Tokens A</span>
            <span role="columnheader">B</span>
            <span role="columnheader">Δ</span>
            <span role="columnheader">Cost A</span>
            <span role="columnheader">B</span>
            <span role="columnheader">Δ</span>
          </div>
        </div>
        <div ref={scroller} role="rowgroup" className={styles["rows"]}>
          <div role="presentation" style={{ height: mounted.totalHeight, position: "relative" }}>
            {rows.slice(mounted.from, mounted.to).map((entry, at) => {
              const index = mounted.from + at;
              return (
                <Row
                  key={index}
                  a={a}
                  b={b}
                  row={entry}
                  index={index}
                  isSelected={index === selected}
                  onSelect={() => choose(index)}
                />
              );
            })}
          </div>
        </div>
      </div>
      {row !== undefined && <PairDetail a={a} b={b} row={row} />}
    </div>
  );
}

interface RowProps extends CompareViewProps {
  row: AlignedRow;
  index: number;
  isSelected: boolean;
  onSelect: () => void;
}

function Row({ a, b, row, index, isSelected, onSelect }: RowProps) {
  const [model, at] = row.a === -1 ? [b.model, row.b] : [a.model, row.a];
  const before = measure(a.model, row.a);
  const after = measure(b.model, row.b);
  const difference = delta(before, after);
  const only = row.a === -1 ? "only in B" : row.b === -1 ? "only in A" : null;
  // The model's words come from the server, which has these two types.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const kind = typeOf(model, at) as ObservationType;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  const statuses = [
    row.a === -1 ? null : statusOf(a.model, row.a),
    row.b === -1 ? null : statusOf(b.model, row.b),
  ] as (ObservationStatus | null)[];
  const isFailing = statuses.some((status) => status !== null && status !== "ok");
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-current={isSelected || undefined}
      data-only={only === null ? undefined : row.a === -1 ? "b" : "a"}
      className={styles["row"]}
      style={{ height: ROW_HEIGHT, position: "absolute", insetInline: 0, top: index * ROW_HEIGHT }}
      onClick={onSelect}
    >
      <span role="cell" className={styles["step"]} style={{ paddingLeft: Math.min(row.depth, 12) * INDENT_PX }}>
        <KindIcon type={kind} />
        <button type="button" onClick={onSelect}>
          {nameOf(model, at) || kind}
        </button>
        {isFailing &&
          statuses.map(
            (status, side) => status !== null && <StatusMark key={side === 0 ? "a" : "b"} status={status} />,
          )}
        {only !== null && <em>{only}</em>}
      </span>
      <Numbers
        name="durationMs"
        before={before}
        after={after}
        difference={difference.durationMs}
        format={formatDuration}
      />
      <Numbers name="tokens" before={before} after={after} difference={difference.tokens} format={formatCount} />
      <Numbers name="cost" before={before} after={after} difference={difference.cost} format={formatCost} />
    </div>
  );
}

interface NumbersProps {
  name: keyof Measured;
  before: Measured | null;
  after: Measured | null;
  difference: number | null;
  format: (value: number) => string;
}

function Numbers({ name, before, after, difference, format }: NumbersProps) {
  const [a, b] = [before?.[name] ?? null, after?.[name] ?? null];
  return (
    <>
      <span role="cell">{a === null ? "–" : format(a)}</span>
      <span role="cell">{b === null ? "–" : format(b)}</span>
      <span role="cell" className={styles["delta"]} data-tone={tone(a, b) ?? undefined}>
        {formatDelta(difference, format)}
      </span>
    </>
  );
}
