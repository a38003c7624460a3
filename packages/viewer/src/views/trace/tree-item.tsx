import type { CSSProperties, ReactNode } from "react";
import { formatDuration, formatElapsed } from "../../model/format.ts";
import { durationOf, hasChildren, idOf, statusOf, type TraceModel } from "../../trace/model.ts";
import { kindStyle } from "../../ui/kind-icon.tsx";
import { describeRow, kindOf, rowDomId, RowName } from "./row-name.tsx";
import row from "./row.module.css";

/** What every row of a tree is given; rows draw only, as pointer and keys are the tree's. */
export interface TreeItemProps {
  model: TraceModel;
  index: number;
  /** Of what runs; 0 for everything else, so that the clock renders no other row. */
  nowOffsetMs: number;
  isOpen: boolean;
  isMatch: boolean;
  isSelected: boolean;
  top: number;
  height: number;
}

/** How long it took, or has been going on, as text. */
export function durationText(model: TraceModel, index: number, nowOffsetMs: number): string {
  const duration = durationOf(model, index, nowOffsetMs);
  return statusOf(model, index) === "running" ? formatElapsed(duration ?? 0) : formatDuration(duration);
}

/** A row as WAI-ARIA's tree item with its name; the columns beside it are for the eye. */
export function TreeItem(props: TreeItemProps & { style?: CSSProperties; children: ReactNode }) {
  const { model, index, nowOffsetMs, isOpen, isMatch, isSelected, top, height, style, children } = props;
  const id = idOf(model, index);
  return (
    <div
      id={rowDomId(id)}
      role="treeitem"
      aria-level={(model.depths[index] ?? 0) + 1}
      aria-setsize={model.setSizes[index]}
      aria-posinset={model.positions[index]}
      aria-expanded={hasChildren(model, index) ? isOpen : undefined}
      aria-selected={isSelected}
      data-id={id}
      data-status={statusOf(model, index)}
      className={row["row"]}
      style={{ ...kindStyle(kindOf(model, index)), ...style, height, top }}
    >
      <span className="sr-only">{describeRow(model, index, durationText(model, index, nowOffsetMs))}</span>
      <RowName model={model} index={index} isOpen={isOpen} isMatch={isMatch} />
      {children}
    </div>
  );
}
