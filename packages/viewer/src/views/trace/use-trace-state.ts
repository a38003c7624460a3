import { useDeferredValue, useMemo, useState } from "react";
import { useSearchParams } from "wouter";
import { useFind } from "../../api/use-trace.ts";
import { errorPlaces, matchPlaces, mostExpensive, nextPlace, slowest } from "../../trace/jumps.ts";
import { indexOf, type TraceModel, idOf } from "../../trace/model.ts";
import { allCollapsible, closedAbove, visibleRows } from "../../trace/rows.ts";
import { useEvent } from "../../ui/use-event.ts";
import { withParameter } from "../../ui/url.ts";
import { useSelection } from "./use-selection.ts";
import { isTraceView, type TraceViewName } from "./trace-views.ts";

const NOTHING: ReadonlySet<string> = new Set();

/** Everything that tree, timeline, transcript and detail pane share: one selection, one set of folds, one search. */
export function useTraceState(model: TraceModel) {
  const [params, setParams] = useSearchParams();
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(NOTHING);
  const selection = useSelection();
  const viewParam = params.get("view");
  const view: TraceViewName = isTraceView(viewParam) ? viewParam : "tree";
  const find = params.get("find") ?? "";
  const found = useFind(model.traceId, useDeferredValue(find));

  const rows = useMemo(() => visibleRows(model, collapsed), [model, collapsed]);
  const errors = useMemo(() => errorPlaces(model), [model]);
  const foundIds = useMemo(() => (find.trim() === "" ? NOTHING : new Set(found.data?.ids)), [find, found.data]);
  const matches = useMemo(() => matchPlaces(model, find, foundIds), [model, find, foundIds]);
  const chosen = indexOf(model, selection.chosenId);
  const selected = chosen === -1 ? (model.order[0] ?? -1) : chosen;

  const select = useEvent((index: number): void => {
    const closed = closedAbove(model, index, collapsed);
    if (closed.length > 0) setCollapsed(new Set([...collapsed].filter((id) => !closed.includes(id))));
    selection.choose(idOf(model, index) || null);
  });
  const toggle = useEvent((index: number, expand: boolean): void => {
    const next = new Set(collapsed);
    if (expand) next.delete(idOf(model, index));
    else next.add(idOf(model, index));
    setCollapsed(next);
  });
  const goTo = (index: number): void => {
    if (index >= 0) select(index);
  };
  const write = (name: string, value: string | null): void =>
    setParams((previous) => withParameter(previous, name, value), { replace: true });
  return {
    ...selection,
    collapsed,
    rows,
    errors,
    matches,
    isFinding: found.isFetching && find !== "",
    isFindCut: found.data?.truncated === true,
    find,
    view,
    selected,
    isChosen: chosen !== -1,
    select,
    toggle,
    collapseAll: () => setCollapsed(allCollapsible(model)),
    expandAll: () => setCollapsed(NOTHING),
    setFind: useEvent((text: string) => write("find", text === "" ? null : text)),
    setView: useEvent((next: TraceViewName) => write("view", next === "tree" ? null : next)),
    toError: useEvent((step: 1 | -1) => goTo(nextPlace(model, errors, chosen, step))),
    toMatch: useEvent((step: 1 | -1) => goTo(nextPlace(model, matches, chosen, step))),
    toSlowest: useEvent(() => goTo(slowest(model))),
    toMostExpensive: useEvent(() => goTo(mostExpensive(model))),
  };
}

export type TraceState = ReturnType<typeof useTraceState>;
