import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { useLocation, useSearchParams } from "wouter";
import type { Target } from "../../api/client.ts";
import { ApiError } from "../../api/http.ts";
import { type LiveListSource, useLiveList } from "../../api/use-live-list.ts";
import { useCommands } from "../../commands/use-commands.ts";
import { chooseColumns } from "../../model/fit-columns.ts";
import { DEFAULT_SORT, rangeBounds } from "../../model/list-state.ts";
import { DensityStrip } from "../../query/density-strip.tsx";
import { Facets } from "../../query/facets.tsx";
import type { Column } from "../../table/columns.ts";
import { DataTable } from "../../table/data-table.tsx";
import buttons from "../../ui/button.module.css";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { LoadingRows } from "../../ui/loading.tsx";
import { useEvent } from "../../ui/use-event.ts";
import { useListState } from "../../ui/use-list-state.ts";
import { withParameter } from "../../ui/url.ts";
import { PHONE, useMedia } from "../../ui/use-size.ts";
import { ListToolbar } from "./list-toolbar.tsx";
import { NoMatch } from "./no-match.tsx";
import { useFiltersShown } from "./use-filters-shown.ts";
import styles from "./list-page.module.css";

const PEEK = "peek";

export interface ListQueryState {
  project: string;
  q: string;
  from?: number;
  to?: number;
  sort: string;
}

export interface ListPageProps<T> {
  project: string;
  title: string;
  /** One row, and several, in a sentence. */
  nouns: readonly [one: string, many: string];
  target: Target;
  columns: readonly Column<T>[];
  source: (query: ListQueryState) => LiveListSource<T>;
  hrefOf: (row: T) => string;
  phoneRow: (row: T, nowMs: number) => ReactNode;
  isFresh?: (row: T) => boolean;
  /** Beside the list, for the row with this id; keys of the list go on working. */
  peek?: (id: string, close: () => void) => ReactNode;
  /** The id of a row for an outlier's trace or observation. */
  outlierId: (traceId: string, observationId: string | null) => string;
  /** What can be done with the rows that are checked. */
  actions?: (checked: readonly T[], clear: () => void) => ReactNode;
  /** Instead of everything, while the project holds nothing at all. */
  firstUse?: ReactNode;
}

/** A live list: query bar, facets, density strip, table and peek panel over one state, which is the address. */
export function ListPage<T>(props: ListPageProps<T>) {
  const { project, title, nouns, target, columns, source, hrefOf, outlierId } = props;
  const state = useListState();
  const { q, range, sort, change } = state;
  const bounds = useMemo(() => rangeBounds(range, Date.now()), [range]);
  const selection = useMemo(() => ({ q, ...bounds }), [q, bounds]);
  const listSource = useMemo(
    () => source({ project, sort, ...selection }),
    // The page gives a new function each time, and means the same.
    // oxlint-disable-next-line react/exhaustive-deps
    [project, sort, selection],
  );
  const [params, setParams] = useSearchParams();
  const [, navigate] = useLocation();
  const [selectedId, setSelectedId] = useState<string | null>(null);
  const [checkedIds, setCheckedIds] = useState<ReadonlySet<string>>(new Set());
  const [isScrolled, setIsScrolled] = useState(false);
  const [isPaused, setIsPaused] = useState(false);
  const filters = useFiltersShown();
  const isPhone = useMedia(PHONE);
  const input = useRef<HTMLInputElement>(null);
  const peekId = props.peek === undefined ? null : params.get(PEEK);
  const list = useLiveList(listSource, isScrolled || selectedId !== null || isPaused || peekId !== null);
  const { idOf } = listSource;
  const shown = useMemo(() => chooseColumns(columns, state.columns), [columns, state.columns]);

  useEffect(() => {
    document.title = `${title} · Spanwise`;
  }, [title]);

  const setPeek = useEvent((id: string | null): void =>
    setParams((previous) => withParameter(previous, PEEK, id), { replace: true }),
  );
  const select = useEvent((id: string | null): void => {
    setSelectedId(id);
    if (id !== null && peekId !== null) setPeek(id);
  });
  const move = (step: 1 | -1): void => {
    const at = list.rows.findIndex((row) => idOf(row) === (selectedId ?? peekId));
    const row = list.rows[Math.min(list.rows.length - 1, Math.max(0, at + step))];
    if (row !== undefined) select(idOf(row));
  };
  const togglePeek = (): void => {
    const first = list.rows[0];
    const id = selectedId ?? (first === undefined ? null : idOf(first));
    if (id === null) return;
    setSelectedId(id);
    setPeek(peekId === id ? null : id);
  };
  const toggleChecked = (): void => {
    if (selectedId === null) return;
    const next = new Set(checkedIds);
    if (!next.delete(selectedId)) next.add(selectedId);
    setCheckedIds(next);
  };
  const release = (): void => {
    list.release();
    setSelectedId(null);
    setIsScrolled(false);
  };
  const close = (): void => {
    if (peekId !== null) setPeek(null);
    else if (checkedIds.size > 0) setCheckedIds(new Set());
    else setSelectedId(null);
  };
  const hasPeek = props.peek !== undefined;
  const hasActions = props.actions !== undefined;
  useCommands(`${title} list`, [
    { id: "query", label: "Filter", keys: ["/"], run: () => input.current?.focus() },
    { id: "down", label: "Next row", keys: ["j"], isKeyOnly: true, run: () => move(1) },
    { id: "up", label: "Previous row", keys: ["k"], isKeyOnly: true, run: () => move(-1) },
    {
      id: "open",
      label: "Open",
      keys: ["Enter"],
      isKeyOnly: true,
      isEnabled: selectedId !== null,
      run: () => {
        const row = list.rows.find((candidate) => idOf(candidate) === selectedId);
        if (row !== undefined) navigate(hrefOf(row));
      },
    },
    { id: "peek", label: "Peek", keys: ["o", " "], isKeyOnly: true, isEnabled: hasPeek, run: togglePeek },
    {
      id: "check",
      label: "Select for an action",
      keys: ["x"],
      isKeyOnly: true,
      isEnabled: hasActions && selectedId !== null,
      run: toggleChecked,
    },
    { id: "new", label: `Show new ${nouns[1]}`, keys: ["n"], isEnabled: list.waitingCount > 0, run: release },
    {
      id: "live",
      label: isPaused ? "Go on live" : "Hold new rows back",
      keys: ["l"],
      run: () => setIsPaused(!isPaused),
    },
    { id: "filters", label: "Show or hide the filters", keys: ["f"], run: filters.toggle },
    { id: "clear", label: "Clear the filter", isEnabled: q !== "", run: () => change({ q: "" }) },
    {
      id: "escape",
      label: "Close",
      keys: ["Escape"],
      isKeyOnly: true,
      isEnabled: peekId !== null || selectedId !== null || checkedIds.size > 0,
      run: close,
    },
  ]);

  const queryError = list.error instanceof ApiError ? list.error.query : null;
  const isUnfiltered = q === "" && range.kind === "all";
  if (list.error !== null && queryError === null) {
    return <ErrorNotice error={list.error} what={`The ${nouns[1]}`} onRetry={list.retry} />;
  }
  if (props.firstUse !== undefined && isUnfiltered && !list.isLoading && list.rows.length === 0) return props.firstUse;

  const checked = list.rows.filter((row) => checkedIds.has(idOf(row)));
  return (
    <section className={styles["page"]} aria-label={title}>
      <ListToolbar
        title={title}
        target={target}
        count={
          list.isLoading || queryError !== null ? null : { loaded: list.rows.length, hasMore: list.hasMore, nouns }
        }
        state={state}
        columns={columns}
        queryError={queryError}
        inputRef={input}
        filters={filters}
        isPaused={isPaused}
        onPaused={setIsPaused}
      />
      {!isPhone && (
        <DensityStrip
          target={target}
          selection={selection}
          onRange={({ from, to }) => change({ range: { kind: "between", from, to } })}
          onOutlier={(traceId, observationId) => {
            const id = outlierId(traceId, observationId);
            setSelectedId(id);
            setPeek(id);
          }}
        />
      )}
      <div className={styles["body"]} data-peek={peekId !== null || undefined}>
        {filters.isShown && <Facets target={target} selection={selection} onQuery={(next) => change({ q: next })} />}
        <div className={styles["table"]}>
          {list.isLoading ? (
            <LoadingRows rows={14} rowHeight={44} />
          ) : (
            <DataTable
              label={sort === DEFAULT_SORT ? `${title}, newest first` : title}
              rows={list.rows}
              columns={shown}
              rowId={idOf}
              selectedId={selectedId ?? peekId}
              checkedIds={checkedIds}
              sort={sort}
              onSort={(next) => change({ sort: next })}
              onSelect={select}
              phoneRow={props.phoneRow}
              {...(props.isFresh === undefined ? {} : { isFresh: props.isFresh })}
              hasMore={list.hasMore}
              isLoadingMore={list.isLoadingMore}
              onLoadMore={list.loadMore}
              onScrolled={setIsScrolled}
              empty={<NoMatch nouns={nouns} state={state} isWrong={queryError !== null} />}
              overlay={
                list.waitingCount > 0 && (
                  <button type="button" className={styles["pill"]} onClick={release}>
                    {list.waitingCount} new
                  </button>
                )
              }
            />
          )}
          {props.actions !== undefined && checked.length > 0 && (
            <div className={styles["actions"]} role="toolbar" aria-label="Selected rows">
              <span>{checked.length} selected</span>
              {props.actions(checked, () => setCheckedIds(new Set()))}
              <button type="button" className={buttons["text"]} onClick={() => setCheckedIds(new Set())}>
                Clear
              </button>
            </div>
          )}
        </div>
        {peekId !== null && <div className={styles["peek"]}>{props.peek?.(peekId, () => setPeek(null))}</div>}
      </div>
      <div className="sr-only" aria-live="polite">
        {list.waitingCount > 0 ? `${list.waitingCount} new ${nouns[list.waitingCount === 1 ? 0 : 1]}` : ""}
      </div>
    </section>
  );
}
