import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { writeExact } from "../json/exact.ts";
import type { JsonLine } from "../json/json-view.ts";
import { type JsonSource, LocalJson, RemoteJson } from "../json/json-source.ts";
import { formatBytes, formatExact } from "../model/format.ts";
import { splitMediaTokens } from "../model/media.ts";
import type { LargeValue } from "../workers/protocol.ts";
import { AttachmentChip } from "./attachment.tsx";
import { CopyButton, copyText } from "./copy-button.tsx";
import { Icon } from "./icons.tsx";
import { JsonFind } from "./json-find.tsx";
import { visibleText } from "../model/visible-text.ts";
import styles from "./json-tree.module.css";
import { useEvent } from "./use-event.ts";

const ROW_HEIGHT_PX = 20;
const INDENT_PX = 16;

/** Smaller values are seen at a glance: a search field would be larger than they are. */
const FIND_FROM_LINES = 40;

/** Any JSON value, opened line by line. Only what is open is walked, and only what is in view is mounted. */
export function JsonTree({ value, label }: { value: unknown; label: string }) {
  const source = useMemo(() => new LocalJson(writeExact(value)), [value]);
  return <JsonLines source={source} label={label} />;
}

/** A value of any size, kept in the worker. */
export function LargeJsonTree({ value, label }: { value: LargeValue; label: string }) {
  const { document, entry, chars } = value;
  const source = useMemo(() => new RemoteJson({ document, entry, chars }), [document, entry, chars]);
  useEffect(() => () => source.close(), [source]);
  return <JsonLines source={source} label={label} />;
}

function JsonLines({ source, label }: { source: JsonSource; label: string }) {
  useSyncExternalStore(source.subscribe, source.version);
  const [marked, setMarked] = useState(-1);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: source.lineCount,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT_PX,
    getItemKey: useCallback((index: number) => source.line(index)?.entry ?? `pending ${index}`, [source]),
    overscan: 16,
    // Before the first measurement, so that the first paint has rows.
    initialRect: { width: 400, height: 600 },
  });
  const items = virtual.getVirtualItems();
  const toggle = useEvent((line: JsonLine) => source.toggle(line.entry, !line.isOpen));
  const showWhole = useEvent((line: JsonLine) => source.showWhole(line.entry));
  const copyPath = useEvent((line: JsonLine) => void source.copy(line.entry, "path").then(copyText));
  const hasFind = source.lineCount >= FIND_FROM_LINES || source.chars > 20_000;
  return (
    <div className={styles["tree"]}>
      <div className={styles["tools"]}>
        {hasFind && (
          <JsonFind
            label={label}
            onFind={async (text, step) => {
              const line = await source.find(text, marked, step);
              setMarked(line);
              if (line !== -1) virtual.scrollToIndex(line, { align: "center" });
              return line !== -1;
            }}
          />
        )}
        {source.chars > 20_000 && <span className={styles["size"]}>{formatBytes(source.chars)}</span>}
        <CopyButton text={() => source.text()} label={`Copy ${label} as JSON`} />
      </div>
      <div
        ref={scroller}
        className={styles["scroller"]}
        tabIndex={0}
        role="group"
        aria-label={label}
        aria-busy={source.lineCount === 0 || undefined}
      >
        <div className={styles["body"]} style={{ height: virtual.getTotalSize() }}>
          <div style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}>
            {items.map((item) => {
              const line = source.line(item.index);
              return (
                <div
                  key={item.key}
                  ref={virtual.measureElement}
                  data-index={item.index}
                  data-marked={item.index === marked || undefined}
                >
                  {line === undefined ? (
                    <div className={styles["pending"]} />
                  ) : (
                    <LineView line={line} onToggle={toggle} onWhole={showWhole} onPath={copyPath} />
                  )}
                </div>
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
}

interface LineViewProps {
  line: JsonLine;
  onToggle: (line: JsonLine) => void;
  onWhole: (line: JsonLine) => void;
  onPath: (line: JsonLine) => void;
}

const LineView = memo(function LineView({ line, onToggle, onWhole, onPath }: LineViewProps) {
  const isContainer = line.kind === "object" || line.kind === "array";
  return (
    <div className={styles["row"]} style={{ paddingLeft: 8 + line.depth * INDENT_PX }}>
      {line.childCount === 0 ? (
        <span className={styles["toggle"]} />
      ) : (
        <button
          type="button"
          className={styles["toggle"]}
          aria-expanded={line.isOpen}
          aria-label={`${line.isOpen ? "Close" : "Open"} ${line.label ?? "the value"}`}
          onClick={() => onToggle(line)}
        >
          <Icon name="caret" size={10} />
        </button>
      )}
      {line.label !== null && (
        <button type="button" className={styles["label"]} title="Copy the path" onClick={() => onPath(line)}>
          {line.label}
        </button>
      )}
      {isContainer ? (
        <span className={styles["summary"]} onClick={() => line.childCount > 0 && onToggle(line)}>
          {line.text}
        </span>
      ) : (
        <Leaf line={line} onWhole={onWhole} />
      )}
    </div>
  );
});

function Leaf({ line, onWhole }: { line: JsonLine; onWhole: (line: JsonLine) => void }) {
  const { kind, cutOf } = line;
  const text = visibleText(line.text);
  if (kind !== "string") {
    return <span className={`${styles["value"]} ${styles[kind === "number" ? "number" : "literal"]}`}>{text}</span>;
  }
  return (
    <span className={`${styles["value"]} ${styles["string"]}`}>
      "
      {splitMediaTokens(text).map((piece, index) =>
        typeof piece === "string" ? (
          piece
        ) : (
          // The value never changes under the line, so the place is the identity.
          // oxlint-disable-next-line react/no-array-index-key
          <AttachmentChip key={index} reference={piece} />
        ),
      )}
      "
      {cutOf > 0 && (
        <button type="button" className={styles["more"]} onClick={() => onWhole(line)}>
          … {formatExact(cutOf)} characters: show more
        </button>
      )}
    </span>
  );
}
