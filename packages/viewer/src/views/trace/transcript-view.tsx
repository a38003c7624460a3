import { useIsFetching } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import { idOf, type TraceModel } from "../../trace/model.ts";
import { entryLabel, transcript } from "../../trace/transcript.ts";
import { useEvent } from "../../ui/use-event.ts";
import { TranscriptEntryView } from "./transcript-entry.tsx";
import type { TraceState } from "./use-trace-state.ts";
import styles from "./transcript-view.module.css";

const NOTHING: ReadonlySet<string> = new Set();
const ESTIMATED_PX = 120;

/** The trace as a conversation. Each line's text is read when it comes into view. */
export function TranscriptView({ model, state }: { model: TraceModel; state: TraceState }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [opened, setOpened] = useState(NOTHING);
  const entries = useMemo(() => transcript(model, opened), [model, opened]);
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ESTIMATED_PX,
    getItemKey: (at) => {
      const entry = entries[at];
      return entry === undefined ? at : `${entry.kind} ${idOf(model, entry.index)}`;
    },
    overscan: 3,
  });
  const items = virtual.getVirtualItems();
  const selectedAt = entries.findIndex(({ index, kind }) => index === state.selected && kind !== "answer");
  useEffect(() => {
    if (state.isChosen && selectedAt !== -1) virtual.scrollToIndex(selectedAt, { align: "auto" });
    // Only when another one was chosen: a live update must not scroll.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [state.selected]);
  useEffect(() => {
    if (document.activeElement === document.body) scroller.current?.focus({ preventScroll: true });
  }, []);
  const isReady = useFirstTexts();
  const toggle = useEvent((id: string): void => {
    const next = new Set(opened);
    if (!next.delete(id)) next.add(id);
    setOpened(next);
  });
  const step = (by: 1 | -1): void => {
    const next = entries[Math.min(entries.length - 1, Math.max(0, selectedAt + by))];
    if (next !== undefined) state.select(next.index);
  };
  return (
    <div
      ref={scroller}
      className={styles["scroller"]}
      role="feed"
      tabIndex={0}
      aria-label="Transcript"
      data-pending={!isReady || undefined}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
        const entry = entries[selectedAt];
        if (event.key === "ArrowDown") step(1);
        else if (event.key === "ArrowUp") step(-1);
        else if (event.key === "ArrowRight" && entry?.isOpen === false) toggle(idOf(model, entry.index));
        else if (event.key === "ArrowLeft" && entry?.isOpen === true) toggle(idOf(model, entry.index));
        else return;
        event.preventDefault();
      }}
    >
      <div className={styles["body"]} style={{ height: virtual.getTotalSize() }}>
        <div style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}>
          {items.map((item) => {
            const entry = entries[item.index];
            return (
              entry !== undefined && (
                <div key={item.key} ref={virtual.measureElement} data-index={item.index} className={styles["item"]}>
                  <TranscriptEntryView
                    model={model}
                    entry={entry}
                    label={entryLabel(model, entry)}
                    position={item.index + 1}
                    count={entries.length}
                    isSelected={item.index === selectedAt}
                    onSelect={state.select}
                    onToggle={toggle}
                  />
                </div>
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Longer than this nobody waits for texts before the lines are shown. */
const FIRST_TEXTS_MS = 700;
const SETTLED_MS = 50;

/** False until the texts of the first lines are there: lines that grow one after the other would push each other about. */
function useFirstTexts(): boolean {
  const reading = useIsFetching({ queryKey: ["observation"] });
  const [isReady, setIsReady] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsReady(true), FIRST_TEXTS_MS);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (reading > 0) return undefined;
    const timer = setTimeout(() => setIsReady(true), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [reading]);
  return isReady;
}
