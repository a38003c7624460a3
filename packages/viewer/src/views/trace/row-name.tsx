import type { CSSProperties } from "react";
import {
  DETACHED,
  hasChildren,
  modelOf,
  nameOf,
  ownSum,
  statusOf,
  type TraceModel,
  typeOf,
} from "../../trace/model.ts";
import { guides } from "../../trace/rows.ts";
import { formatCost, formatDuration, formatExact } from "../../model/format.ts";
import type { ObservationStatus, ObservationType } from "../../api/types.ts";
import { KindIcon } from "../../ui/kind-icon.tsx";
import { StatusMark } from "../../ui/status-mark.tsx";
import styles from "./row.module.css";

export function rowDomId(observationId: string): string {
  return `row-${observationId}`;
}

/** Newer servers may know more types and statuses; the marks have a shape for what they do not know. */
export function kindOf(model: TraceModel, index: number): ObservationType {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  return typeOf(model, index) as ObservationType;
}

export function stateOf(model: TraceModel, index: number): ObservationStatus {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  return statusOf(model, index) as ObservationStatus;
}

interface RowNameProps {
  model: TraceModel;
  index: number;
  isOpen: boolean;
  isMatch: boolean;
}

/** Guides, caret, kind, name and marks: the same in tree and timeline. */
export function RowName({ model, index, isOpen, isMatch }: RowNameProps) {
  const lines = guides(model, index);
  const isParent = hasChildren(model, index);
  const below = (model.sizes[index] ?? 1) - 1;
  const errorsBelow = model.errorsBelow[index] ?? 0;
  const detached = model.detached[index] ?? DETACHED.none;
  const status = stateOf(model, index);
  const name = nameOf(model, index);
  const llm = modelOf(model, index);
  return (
    <div className={styles["name"]} aria-hidden="true">
      {lines.length > 0 && <span className={styles["guides"]} style={guideStyle(lines)} />}
      {isParent ? (
        <span className={styles["caret"]} data-caret data-open={isOpen || undefined} />
      ) : (
        <span className={styles["caret"]} data-empty />
      )}
      <KindIcon type={kindOf(model, index)} isLabelled />
      <span className={styles["label"]} data-match={isMatch || undefined} title={name}>
        {name || typeOf(model, index)}
      </span>
      {llm !== "" && <span className={styles["model"]}>{llm}</span>}
      {detached !== DETACHED.none && (
        <span className={styles["detached"]} title={DETACHED_HINT[detached]}>
          {DETACHED_TEXT[detached]}
        </span>
      )}
      {status !== "ok" && <StatusMark status={status} />}
      {isParent && !isOpen && errorsBelow > 0 && <span className={styles["below"]}>{errorsBelow} failed</span>}
      {isParent && !isOpen && <span className={styles["count"]}>+{below}</span>}
    </div>
  );
}

/** Of `.guides`, in CSS pixels: a level's width, and where in it the line is. */
const GUIDE_PX = 16;
const LINE_PX = 9;

const guideStyles = new Map<string, CSSProperties>();

/** All lines of a row as backgrounds of one element: elements of their own are felt while scrolling. */
function guideStyle(lines: readonly boolean[]): CSSProperties {
  const key = lines.map(Number).join("");
  const known = guideStyles.get(key);
  if (known !== undefined) return known;
  const own = lines.length - 1;
  const stroke = (level: number, width: number, height: string, top: string): string =>
    `linear-gradient(var(--line), var(--line)) ${level * GUIDE_PX + LINE_PX}px ${top} / ${width}px ${height} no-repeat`;
  const background = [
    ...lines.flatMap((goesOn, level) => (goesOn ? [stroke(level, 1, "100%", "0")] : [])),
    ...(lines[own] === false ? [stroke(own, 1, "50%", "0")] : []),
    stroke(own, GUIDE_PX - LINE_PX, "1px", "50%"),
  ].join(", ");
  const style = { width: lines.length * GUIDE_PX, background };
  guideStyles.set(key, style);
  return style;
}

const DETACHED_TEXT: Readonly<Record<number, string>> = {
  [DETACHED.parentMissing]: "parent missing",
  [DETACHED.parentCycle]: "parents in a circle",
};

const DETACHED_HINT: Readonly<Record<number, string>> = {
  [DETACHED.parentMissing]:
    "It names a parent that has not arrived: it may have been filtered out, sampled away or lost",
  [DETACHED.parentCycle]: "Its parents name each other in a circle",
};

/** The row in words: what columns and bars tell the eye. */
export function describeRow(model: TraceModel, index: number, durationText: string): string {
  const { inputTokens, outputTokens, cost } = ownSum(model, index);
  const status = statusOf(model, index);
  const tokens = inputTokens + outputTokens;
  const errorsBelow = model.errorsBelow[index] ?? 0;
  const parts = [
    typeOf(model, index),
    nameOf(model, index),
    status === "ok" ? "" : status,
    `starts at ${formatDuration(model.starts[index] ?? 0)}`,
    `lasts ${durationText}`,
    tokens === 0 ? "" : `${formatExact(tokens)} tokens`,
    cost === null ? "" : formatCost(cost),
    DETACHED_TEXT[model.detached[index] ?? 0] ?? "",
    errorsBelow === 0 ? "" : `${errorsBelow} failed below`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}
