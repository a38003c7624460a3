import { useDeferredValue, useEffect, useMemo, useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";
import { isNotFound } from "../../api/http.ts";
import type { TraceDetail } from "../../api/types.ts";
import { useCommands } from "../../commands/use-commands.ts";
import { useTrace } from "../../api/use-trace.ts";
import { ancestorIds, errorIds, flattenTree } from "../../model/rows.ts";
import { buildTree } from "../../model/tree.ts";
import { nextError } from "../../model/tree-keys.ts";
import type { PageProps } from "../../pages.tsx";
import { tracesPath } from "../../routes.ts";
import buttons from "../../ui/button.module.css";
import { copyText } from "../../ui/copy-button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Split } from "../../ui/split.tsx";
import { withParameter } from "../../ui/url.ts";
import { useEvent } from "../../ui/use-event.ts";
import { PHONE, useMedia } from "../../ui/use-size.ts";
import { DetailPane } from "./detail-pane.tsx";
import { isDetailTab, type DetailTab, DETAIL_TABS } from "./detail-tabs.ts";
import { TraceHeader } from "./trace-header.tsx";
import { TraceTreePane } from "./trace-tree.tsx";
import { useSelection } from "./use-selection.ts";
import styles from "./trace-page.module.css";

const INITIAL_SPLIT_PERCENT = 56;

export function TracePage({ project, params }: PageProps) {
  const traceId = params["traceId"] ?? "";
  const query = useTrace(traceId);
  useEffect(() => {
    document.title = `${query.data?.trace.name ?? "Trace"} · Spanwise`;
  }, [query.data?.trace.name]);

  if (query.data !== undefined) return <LoadedTrace project={project} detail={query.data} />;
  if (query.error === null) return <div aria-busy="true" />;
  const back = (
    <Link href={tracesPath(project)} className={buttons["text"]}>
      Go to traces
    </Link>
  );
  if (isNotFound(query.error)) {
    return (
      <Notice title="This trace is not here (yet)" actions={back}>
        <p>
          Nothing with the id <code>{traceId}</code> has arrived. A trace is sent a moment after it happened: this page
          keeps looking for a few seconds, and opens it when it comes.
        </p>
      </Notice>
    );
  }
  return (
    <Notice
      title="The trace cannot be read"
      actions={
        <>
          <button type="button" className={buttons["text"]} onClick={() => void query.refetch()}>
            Try again
          </button>
          {back}
        </>
      }
    >
      <p>{query.error.message}</p>
    </Notice>
  );
}

function LoadedTrace({ project, detail }: { project: string; detail: TraceDetail }) {
  const [params, setParams] = useSearchParams();
  const [, navigate] = useLocation();
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const { chosenId, isSettled, choose } = useSelection();
  const isPhone = useMedia(PHONE);

  const tree = useMemo(() => buildTree(detail.observations), [detail.observations]);
  const rows = useMemo(() => flattenTree(tree, collapsed), [tree, collapsed]);
  const errors = useMemo(() => errorIds(tree), [tree]);

  const firstRoot = tree.nodes[tree.roots[0] ?? -1]?.observation.id ?? null;
  const selectedId = chosenId !== null && tree.byId.has(chosenId) ? chosenId : firstRoot;
  // The tree follows the keys; the pane may come a frame later.
  const shownId = useDeferredValue(selectedId);
  const shown = tree.nodes[shownId === null ? -1 : (tree.byId.get(shownId) ?? -1)];
  const tabParam = params.get("tab");
  const tab: DetailTab = isDetailTab(tabParam) ? tabParam : "formatted";

  const select = useEvent((id: string): void => {
    const closed = ancestorIds(tree, id).filter((ancestor) => collapsed.has(ancestor));
    if (closed.length > 0) setCollapsed(new Set([...collapsed].filter((other) => !closed.includes(other))));
    choose(id);
  });
  const toggle = useEvent((id: string, expand: boolean): void => {
    const next = new Set(collapsed);
    if (expand) next.delete(id);
    else next.add(id);
    setCollapsed(next);
  });
  const toError = (step: 1 | -1): void => {
    const order = flattenTree(tree, new Set()).map((row) => row.id);
    // From nothing chosen yet, the first error is the next one.
    const id = nextError(order, errors, chosenId, step);
    if (id !== null) select(id);
  };
  const showTab = useEvent((next: DetailTab): void => {
    setParams((previous) => withParameter(previous, "tab", next === "formatted" ? null : next), { replace: true });
  });
  const stepTab = (step: 1 | -1): void => {
    const at = DETAIL_TABS.findIndex((candidate) => candidate.id === tab);
    const next = DETAIL_TABS[(at + step + DETAIL_TABS.length) % DETAIL_TABS.length];
    if (next !== undefined) showTab(next.id);
  };
  const toFirstError = useEvent(() => toError(1));
  const backToTree = useEvent(() => choose(null));
  useCommands("Trace", [
    { id: "error", label: "Next error", keys: ["e"], run: () => toError(1) },
    { id: "error-back", label: "Previous error", keys: ["E"], run: () => toError(-1) },
    {
      id: "copy-id",
      label: "Copy the observation's id",
      keys: ["y"],
      run: () => {
        if (selectedId !== null) void copyText(selectedId);
      },
    },
    { id: "tab-back", label: "Previous tab", keys: ["["], isKeyOnly: true, run: () => stepTab(-1) },
    { id: "tab", label: "Next tab", keys: ["]"], isKeyOnly: true, run: () => stepTab(1) },
    {
      id: "escape",
      label: "Back",
      keys: ["Escape"],
      isKeyOnly: true,
      run: () => {
        if (isPhone && chosenId !== null) choose(null);
        else navigate(tracesPath(project));
      },
    },
  ]);

  return (
    <section className={styles["page"]} aria-label={`Trace ${detail.trace.name}`}>
      <TraceHeader project={project} detail={detail} errorCount={errors.length} onFirstError={toFirstError} />
      <Split
        name="trace"
        initialShare={INITIAL_SPLIT_PERCENT}
        phonePane={chosenId === null ? "left" : "right"}
        left={
          <TraceTreePane
            rows={rows}
            observations={detail.observations}
            selectedId={selectedId}
            onSelect={select}
            onToggle={toggle}
          />
        }
        right={
          shown === undefined ? (
            <Notice title="No observation has arrived yet" level={2} />
          ) : (
            <DetailPane
              node={shown}
              detail={detail}
              isFirstRoot={shownId === firstRoot}
              isSettled={isSettled && shownId === selectedId}
              tab={tab}
              onTab={showTab}
              onBack={isPhone ? backToTree : null}
            />
          )
        }
      />
    </section>
  );
}
