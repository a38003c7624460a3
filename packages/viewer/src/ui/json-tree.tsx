import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useMemo, useRef, useState } from "react";
import { formatBytes } from "../model/format.ts";
import { type JsonRow, jsonRows, jsonSummary } from "../model/json-rows.ts";
import { splitMediaTokens } from "../model/media.ts";
import { AttachmentChip } from "./attachment.tsx";
import { CopyButton, copyText } from "./copy-button.tsx";
import { Icon } from "./icons.tsx";
import styles from "./json-tree.module.css";

const ROW_HEIGHT_PX = 20;
const INDENT_PX = 16;

/** Longer strings are cut until asked for: one of them can be the size of a book. */
const MAX_STRING_CHARS = 1_500;

/** Any JSON value, opened node by node. Only what is open is walked, and only what is in view is mounted. */
export function JsonTree({ value, label }: { value: unknown; label: string }) {
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => jsonRows(value, { toggled }), [value, toggled]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT_PX,
    getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows]),
    overscan: 20,
    // Before the first measurement, so that the first paint has rows.
    initialRect: { width: 400, height: 600 },
  });
  const items = virtual.getVirtualItems();
  return (
    <div className={styles["tree"]}>
      <div className={styles["copy"]}>
        <CopyButton text={() => JSON.stringify(value, null, 2)} label={`Copy ${label} as JSON`} />
      </div>
      <div ref={scroller} className={styles["scroller"]} tabIndex={0} role="group" aria-label={label}>
        <div className={styles["body"]} style={{ height: virtual.getTotalSize() }}>
          <div style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}>
            {items.map((item) => {
              const row = rows[item.index];
              return (
                row !== undefined && (
                  <div key={row.key} ref={virtual.measureElement} data-index={item.index}>
                    <RowView row={row} onToggle={(open) => setToggled(new Map(toggled).set(row.key, open))} />
                  </div>
                )
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
}

function RowView({ row, onToggle }: { row: JsonRow; onToggle: (open: boolean) => void }) {
  const { isOpen } = row;
  return (
    <div className={styles["row"]} style={{ paddingLeft: 8 + row.depth * INDENT_PX }}>
      {isOpen === null || row.childCount === 0 ? (
        <span className={styles["toggle"]} />
      ) : (
        <button
          type="button"
          className={styles["toggle"]}
          aria-expanded={isOpen}
          aria-label={`${isOpen ? "Close" : "Open"} ${row.label ?? "the value"}`}
          onClick={() => onToggle(!isOpen)}
        >
          <Icon name="caret" size={10} />
        </button>
      )}
      {row.label !== null && (
        <button
          type="button"
          className={styles["label"]}
          title={`Copy the path: ${row.path}`}
          onClick={() => void copyText(row.path)}
        >
          {row.label}
        </button>
      )}
      {row.kind === "leaf" ? (
        <Leaf value={row.value} />
      ) : (
        <span className={styles["summary"]} onClick={() => row.childCount > 0 && onToggle(!isOpen)}>
          {jsonSummary(row)}
        </span>
      )}
    </div>
  );
}

function Leaf({ value }: { value: unknown }) {
  const [isWhole, setIsWhole] = useState(false);
  if (typeof value !== "string") {
    return (
      <span className={`${styles["value"]} ${styles[typeof value === "number" ? "number" : "literal"]}`}>
        {String(value)}
      </span>
    );
  }
  const isCut = value.length > MAX_STRING_CHARS && !isWhole;
  const pieces = splitMediaTokens(isCut ? value.slice(0, MAX_STRING_CHARS) : value);
  return (
    <span className={`${styles["value"]} ${styles["string"]}`}>
      "
      {pieces.map((piece, index) =>
        typeof piece === "string" ? (
          piece
        ) : (
          // The value never changes under the row, so the place is the identity.
          // oxlint-disable-next-line react/no-array-index-key
          <AttachmentChip key={index} reference={piece} />
        ),
      )}
      "
      {isCut && (
        <button type="button" className={styles["more"]} onClick={() => setIsWhole(true)}>
          … show all {formatBytes(value.length)}
        </button>
      )}
    </span>
  );
}
