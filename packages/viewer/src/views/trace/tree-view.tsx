import { memo, useMemo, useRef } from "react";
import { formatCost, formatCount, formatDuration, formatExact, formatTotalCost } from "../../model/format.ts";
import {
  durationOf,
  FLAG,
  hasChildren,
  hasFlag,
  ownSum,
  statusOf,
  subtreeSum,
  type TraceModel,
  idOf,
} from "../../trace/model.ts";
import { useNow } from "../../ui/use-now.ts";
import { useMedia, useWidth } from "../../ui/use-size.ts";
import { durationText, TreeItem, type TreeItemProps } from "./tree-item.tsx";
import type { TraceState } from "./use-trace-state.ts";
import { VirtualTree } from "./virtual-tree.tsx";
import row from "./row.module.css";
import styles from "./tree-view.module.css";

const ROW_HEIGHT = { fine: 28, coarse: 44 };

/** From these widths there is room for a cost, and for tokens beside it. */
const COST_FROM_PX = 360;
const TOKENS_FROM_PX = 520;

const TICK_MS = 100;

interface ViewProps {
  model: TraceModel;
  state: TraceState;
}

/** Names, with time, tokens and cost of each subtree beside them. */
export function TreeView({ model, state }: ViewProps) {
  const pane = useRef<HTMLDivElement>(null);
  const width = useWidth(pane);
  const nowMs = useNow(model.runningCount > 0 ? TICK_MS : null);
  const nowOffsetMs = nowMs - model.startTime;
  const hasCost = width >= COST_FROM_PX;
  const hasTokens = width >= TOKENS_FROM_PX;
  const columns = `minmax(0, 1fr) ${hasTokens ? "96px " : ""}${hasCost ? "84px " : ""}68px`;
  const isCoarse = useMedia("(pointer: coarse)");
  const rowHeight = isCoarse ? ROW_HEIGHT.coarse : ROW_HEIGHT.fine;
  const matches = useMemo(() => new Set(state.matches), [state.matches]);
  return (
    <div ref={pane} className={styles["pane"]} style={{ "--columns": columns }}>
      <div className={styles["head"]} aria-hidden="true">
        <span>
          {formatExact(model.count)} {model.count === 1 ? "observation" : "observations"}
        </span>
        {hasTokens && <span className={row["number"]}>Tokens</span>}
        {hasCost && <span className={row["number"]}>Cost</span>}
        <span className={styles["last"]}>Time</span>
      </div>
      <VirtualTree
        model={model}
        state={state}
        rowHeight={rowHeight}
        renderRow={(index, top) => (
          <TreeRow
            model={model}
            index={index}
            // Only what runs needs the clock.
            nowOffsetMs={statusOf(model, index) === "running" ? nowOffsetMs : 0}
            hasCost={hasCost}
            hasTokens={hasTokens}
            isOpen={!state.collapsed.has(idOf(model, index))}
            isMatch={matches.has(model.places[index] ?? -1)}
            isSelected={index === state.selected}
            top={top}
            height={rowHeight}
          />
        )}
      />
    </div>
  );
}

interface TreeRowProps extends TreeItemProps {
  hasCost: boolean;
  hasTokens: boolean;
}

const TreeRow = memo(function TreeRow({ hasCost, hasTokens, ...item }: TreeRowProps) {
  const { model, index, nowOffsetMs } = item;
  const duration = durationOf(model, index, nowOffsetMs);
  return (
    <TreeItem {...item}>
      {hasTokens && <Tokens model={model} index={index} />}
      {hasCost && <Cost model={model} index={index} />}
      <span
        className={row["duration"]}
        data-running={statusOf(model, index) === "running" || undefined}
        title={overflowTitle(model, index, duration)}
        style={{ "--share": model.endMs > 0 ? Math.min(1, (duration ?? 0) / model.endMs) : 0 }}
        aria-hidden="true"
      >
        {durationText(model, index, nowOffsetMs)}
      </span>
    </TreeItem>
  );
});

/** What it started may go on after it ended: then its own time is not the whole. */
function overflowTitle(model: TraceModel, index: number, duration: number | null): string | undefined {
  const end = model.ends[index] ?? -1;
  const own = (model.starts[index] ?? 0) + (duration ?? 0);
  if (end < 0 || end - own < 1) return undefined;
  return `${formatDuration(end - (model.starts[index] ?? 0))} with everything it started`;
}

export function Tokens({ model, index }: { model: TraceModel; index: number }) {
  const own = ownSum(model, index);
  const isAggregate = hasFlag(model, index, FLAG.aggregate);
  const isOwn = own.inputTokens + own.outputTokens > 0;
  const sum = isOwn ? own : subtreeSum(model, index);
  if (sum.inputTokens + sum.outputTokens === 0) return <span />;
  const hint = isAggregate
    ? "Repeated from below, and not added to totals"
    : isOwn
      ? `${formatExact(own.inputTokens + own.outputTokens)} tokens`
      : `${formatExact(sum.inputTokens + sum.outputTokens)} tokens in everything below`;
  return (
    <span className={row["number"]} title={hint} aria-hidden="true">
      {(!isOwn || isAggregate) && <span className={row["sum"]}>∑ </span>}
      {formatCount(sum.inputTokens)}
      <span className={row["sum"]}> → </span>
      {formatCount(sum.outputTokens)}
    </span>
  );
}

export function Cost({ model, index }: { model: TraceModel; index: number }) {
  const own = ownSum(model, index);
  const total = subtreeSum(model, index);
  if (hasChildren(model, index) && total.cost !== null) {
    return (
      <span className={row["number"]} title="Cost of everything below, and its own" aria-hidden="true">
        <span className={row["sum"]}>∑ </span>
        {formatTotalCost(total)}
      </span>
    );
  }
  if (own.cost === null && !own.costIncomplete) return <span />;
  return (
    <span className={row["number"]} aria-hidden="true">
      {formatCost(own.cost)}
    </span>
  );
}
