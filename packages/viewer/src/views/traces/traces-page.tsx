import { useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { useTraces } from "../../api/use-traces.ts";
import { filterTraces } from "../../model/trace-list.ts";
import buttons from "../../ui/button.module.css";
import { Icon } from "../../ui/icons.tsx";
import { Notice } from "../../ui/notice.tsx";
import { useHotkeys } from "../../ui/use-hotkeys.ts";
import { FirstTrace } from "./first-trace.tsx";
import { TraceTable } from "./trace-table.tsx";
import styles from "./traces-page.module.css";

export function TracesPage({ project }: { project: string }) {
  const [selectedId, setSelectedId] = useState<string | null>(null);
  const [isScrolled, setIsScrolled] = useState(false);
  const [filter, setFilter] = useState("");
  const filterRef = useRef<HTMLInputElement>(null);
  const list = useTraces(project, isScrolled || selectedId !== null);
  const deferredFilter = useDeferredValue(filter);
  const visible = useMemo(() => filterTraces(list.traces, deferredFilter), [list.traces, deferredFilter]);

  useEffect(() => {
    document.title = "Traces · Spanwise";
  }, []);
  useHotkeys({ "/": () => filterRef.current?.focus() });

  if (list.error !== null) {
    return (
      <Notice
        title="The Spanwise server does not answer"
        actions={
          <button type="button" className={buttons["text"]} onClick={list.retry}>
            Try again
          </button>
        }
      >
        <p>{list.error.message} It is tried again by itself every few seconds.</p>
      </Notice>
    );
  }
  if (list.isLoading) return <div aria-busy="true" />;
  if (list.traces.length === 0) return <FirstTrace project={project} />;

  return (
    <section className={styles["page"]} aria-label="Traces">
      <div className={styles["toolbar"]}>
        <h1>Traces</h1>
        <span className={styles["count"]}>
          {filter === "" ? `${list.traces.length} loaded` : `${visible.length} of ${list.traces.length} loaded`}
          {list.hasMore ? ", more below" : ""}
        </span>
        <label className={styles["filter"]}>
          <Icon name="search" size={14} />
          <span className="sr-only">Filter the loaded traces</span>
          <input
            ref={filterRef}
            type="text"
            value={filter}
            placeholder="Quick filter of loaded rows: name, id, user, text"
            spellCheck={false}
            onChange={(event) => setFilter(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Escape") return;
              setFilter("");
              event.currentTarget.blur();
            }}
          />
          <kbd>/</kbd>
        </label>
      </div>
      <TraceTable
        project={project}
        traces={visible}
        list={list}
        isFiltered={deferredFilter.trim() !== ""}
        selectedId={selectedId}
        onSelect={setSelectedId}
        onScrolled={setIsScrolled}
        onClearFilter={() => setFilter("")}
      />
    </section>
  );
}
