import { memo } from "react";
import {
  formatCost,
  formatCount,
  formatDuration,
  formatElapsed,
  formatExact,
  formatTotalCost,
} from "../../model/format.ts";
import type { TreeRow } from "../../model/rows.ts";
import type { TreeNode } from "../../model/tree.ts";
import { durationOf, layoutBar, type TimeRange } from "../../model/waterfall.ts";
import { Icon } from "../../ui/icons.tsx";
import { KindIcon, kindStyle } from "../../ui/kind-icon.tsx";
import { StatusMark } from "../../ui/status-mark.tsx";
import styles from "./trace-tree.module.css";

export function rowDomId(observationId: string): string {
  return `row-${observationId}`;
}

interface TraceTreeRowProps {
  row: TreeRow;
  range: TimeRange;
  nowMs: number;
  isNarrow: boolean;
  isSelected: boolean;
  top: number;
  height: number;
}

/** Draws only: pointer and keys are the tree's (use-tree-pointer.ts), so a row renders again only when it looks different. */
export const TraceTreeRow = memo(function TraceTreeRow(props: TraceTreeRowProps) {
  const { row, range, nowMs, isNarrow, isSelected, top, height } = props;
  const { node } = row;
  const { observation } = node;
  const durationMs = durationOf(observation, nowMs);
  const durationText = observation.status === "running" ? formatElapsed(durationMs ?? 0) : formatDuration(durationMs);
  return (
    <div
      id={rowDomId(row.id)}
      role="treeitem"
      aria-level={row.level}
      aria-setsize={row.setSize}
      aria-posinset={row.positionInSet}
      aria-expanded={row.expanded ?? undefined}
      aria-selected={isSelected}
      data-id={row.id}
      data-root={node.depth === 0 || undefined}
      data-status={observation.status}
      className={styles["row"]}
      style={{ ...kindStyle(observation.type), height, transform: `translateY(${top}px)` }}
    >
      {/* The row's name: the columns beside it are for the eye. */}
      <span className="sr-only">{describe(node, durationText, range)}</span>
      <div className={styles["name"]} aria-hidden="true">
        {row.guides.map((goesOn, level) => (
          <span
            // Guides have no identity but their level.
            // oxlint-disable-next-line react/no-array-index-key
            key={level}
            className={styles["guide"]}
            data-line={(goesOn && level < row.guides.length - 1) || undefined}
            data-own={level === row.guides.length - 1 ? (goesOn ? "more" : "last") : undefined}
          />
        ))}
        <Caret row={row} />
        <KindIcon type={observation.type} />
        <span className={styles["label"]} title={observation.name}>
          {observation.name || observation.type}
        </span>
        {node.detached !== null && (
          <span className={styles["detached"]} title={DETACHED_HINT[node.detached]}>
            {DETACHED_TEXT[node.detached]}
          </span>
        )}
        {observation.status !== "ok" && <StatusMark status={observation.status} />}
        {row.expanded === false && node.errorsBelow > 0 && (
          <span className={styles["below"]}>{node.errorsBelow} failed</span>
        )}
        {row.expanded === false && <span className={styles["count"]}>+{node.descendants}</span>}
      </div>
      <Tokens node={node} />
      <Cost node={node} />
      {isNarrow && (
        <span className={styles["number"]} style={{ paddingRight: 4 }} aria-hidden="true">
          {durationText}
        </span>
      )}
      <Lane node={node} range={range} nowMs={nowMs} text={isNarrow ? null : durationText} />
    </div>
  );
});

const DETACHED_TEXT = { "parent-missing": "parent missing", "parent-cycle": "parents in a circle" };

const DETACHED_HINT = {
  "parent-missing": "It names a parent that has not arrived: it may have been filtered out, sampled away or lost",
  "parent-cycle": "Its parents name each other in a circle",
};

/** The tree item carries the state and the keys; this is the pointer's way only. */
function Caret({ row }: { row: TreeRow }) {
  if (row.expanded === null) return <span className={styles["caret"]} style={{ visibility: "hidden" }} />;
  return (
    <span aria-hidden="true" className={styles["caret"]} data-caret data-open={row.expanded || undefined}>
      <Icon name="caret" size={12} />
    </span>
  );
}

function Tokens({ node }: { node: TreeNode }) {
  const { own, observation } = node;
  if (own.totalTokens === null) return <span />;
  const hint = `${formatExact(own.totalTokens)} tokens${observation.usageAggregate ? ", repeated from below and not added to totals" : ""}`;
  return (
    <span className={styles["number"]} title={hint} aria-hidden="true">
      {observation.usageAggregate && <span className={styles["sum"]}>∑ </span>}
      {formatCount(own.inputTokens)}
      <span className={styles["sum"]}> → </span>
      {formatCount(own.outputTokens)}
    </span>
  );
}

function Cost({ node }: { node: TreeNode }) {
  const { own, subtree, observation } = node;
  if (node.children.length > 0 && subtree.cost !== null) {
    return (
      <span className={styles["number"]} title="Cost of everything below, and its own" aria-hidden="true">
        <span className={styles["sum"]}>∑ </span>
        {formatTotalCost(subtree)}
      </span>
    );
  }
  if (own.cost === null && (own.totalTokens === null || observation.usageAggregate)) return <span />;
  return (
    <span className={styles["number"]} aria-hidden="true">
      {formatCost(own.cost)}
    </span>
  );
}

interface LaneProps {
  node: TreeNode;
  range: TimeRange;
  nowMs: number;
  /** `null` where the duration is shown elsewhere. */
  text: string | null;
}

function Lane({ node, range, nowMs, text }: LaneProps) {
  const { observation } = node;
  const bar = layoutBar(observation, range, nowMs);
  return (
    <div className={styles["lane"]} aria-hidden="true">
      <span
        className={styles["bar"]}
        data-status={observation.status}
        data-parent={(node.children.length > 0 && observation.type !== "generation") || undefined}
        style={{ left: `min(${bar.left * 100}%, calc(100% - 3px))`, width: `${bar.width * 100}%` }}
      >
        {bar.firstToken !== null && bar.width > 0 && (
          <span
            className={styles["wait"]}
            title={`First token after ${formatDuration((observation.completionStartTime ?? 0) - observation.startTime)}`}
            style={{ width: `${((bar.firstToken - bar.left) / bar.width) * 100}%` }}
          />
        )}
      </span>
      {text !== null && (
        <span className={styles["duration"]} style={{ left: `${(bar.left + bar.width) * 100}%` }}>
          {text}
        </span>
      )}
    </div>
  );
}

/** The row in words: what the bar tells the eye. */
function describe(node: TreeNode, durationText: string, range: TimeRange): string {
  const { observation, own } = node;
  const parts = [
    observation.type,
    observation.name,
    observation.status === "ok" ? "" : observation.status,
    `starts at ${formatDuration(observation.startTime - range.startMs)}`,
    `lasts ${durationText}`,
    own.totalTokens === null ? "" : `${formatExact(own.totalTokens)} tokens`,
    own.cost === null ? "" : formatCost(own.cost),
    node.detached === null ? "" : DETACHED_TEXT[node.detached],
    node.errorsBelow === 0 ? "" : `${node.errorsBelow} failed below`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}
