import { useDeferredValue, useRef, useState } from "react";
import { useSearchParams } from "wouter";
import type { LoadedTrace } from "../../api/use-trace.ts";
import { useCommands } from "../../commands/use-commands.ts";
import { traceMarkdown } from "../../model/export.ts";
import { durationOf, nameOf, ownSum, statusOf, type TraceModel, typeOf, idOf } from "../../trace/model.ts";
import { copyText } from "../../ui/copy-button.tsx";
import { Notice } from "../../ui/notice.tsx";
import { Split } from "../../ui/split.tsx";
import { withParameter } from "../../ui/url.ts";
import { useEvent } from "../../ui/use-event.ts";
import { PHONE, useMedia } from "../../ui/use-size.ts";
import { AddToDataset } from "../datasets/add-to-dataset.tsx";
import { observationUrl } from "./copy-menu.tsx";
import { DETAIL_TABS, type DetailTab, isDetailTab } from "./detail-tabs.ts";
import { DetailPane } from "./detail-pane.tsx";
import { ScoreDialog } from "./score-dialog.tsx";
import { TimelineView } from "./timeline-view.tsx";
import { TraceHeader } from "./trace-header.tsx";
import { TraceToolbar } from "./trace-toolbar.tsx";
import { TRACE_VIEWS } from "./trace-views.ts";
import { TranscriptView } from "./transcript-view.tsx";
import { TreeView } from "./tree-view.tsx";
import { useTraceState } from "./use-trace-state.ts";
import styles from "./trace-page.module.css";

interface TraceWorkspaceProps {
  project: string;
  trace: LoadedTrace;
  /** In a panel beside the list: closes it. */
  onClose: (() => void) | null;
  /** What Escape does when nothing in here is open. */
  onEscape: () => void;
}

/** A trace with all its views: header, tree or timeline or transcript on the left, one observation on the right. */
export function TraceWorkspace({ project, trace, onClose, onEscape }: TraceWorkspaceProps) {
  const { model, head } = trace;
  const state = useTraceState(model);
  const [params, setParams] = useSearchParams();
  const [dialog, setDialog] = useState<"dataset" | "score" | null>(null);
  const isPhone = useMedia(PHONE);
  const find = useRef<HTMLInputElement>(null);
  const { selected, isChosen, view } = state;
  const selectedId = idOf(model, selected) || null;
  // The tree follows the keys; the pane may come a frame later.
  const shown = useDeferredValue(selected);
  const tabParam = params.get("tab");
  const tab: DetailTab = isDetailTab(tabParam) ? tabParam : "formatted";
  const { share } = TRACE_VIEWS.find(({ id }) => id === view) ?? { share: 50 };

  const showTab = useEvent((next: DetailTab): void => {
    setParams((previous) => withParameter(previous, "tab", next === "formatted" ? null : next), { replace: true });
  });
  const stepTab = (step: 1 | -1): void => {
    const at = DETAIL_TABS.findIndex((candidate) => candidate.id === tab);
    const next = DETAIL_TABS[(at + step + DETAIL_TABS.length) % DETAIL_TABS.length];
    if (next !== undefined) showTab(next.id);
  };
  const markdown = useEvent(() => outline(trace));
  const toFirstError = useEvent(() => state.toError(1));
  const backToTree = useEvent(() => state.choose(null));
  const score = useEvent(() => setDialog("score"));
  const addToDataset = useEvent(() => setDialog("dataset"));
  const closeDialog = (): void => setDialog(null);
  const hasFind = state.find !== "";
  useCommands("Trace", [
    { id: "arrows", label: "Previous, next row", keyText: "↑ ↓", isKeyOnly: true },
    { id: "fold", label: "Close or to the parent, open or into it", keyText: "← →", isKeyOnly: true },
    { id: "fold-all", label: "Close all, open all", keyText: "Shift ← →", isKeyOnly: true },
    { id: "ends", label: "First, last row", keyText: "Home End", isKeyOnly: true },
    ...TRACE_VIEWS.map(({ id, label, key }) => ({
      id,
      label: `View: ${label.toLowerCase()}`,
      keys: [key],
      run: () => state.setView(id),
    })),
    { id: "find", label: "Find in the trace", keys: ["/"], run: () => find.current?.focus() },
    { id: "match", label: "Next match", keys: ["n"], isEnabled: hasFind, run: () => state.toMatch(1) },
    { id: "match-back", label: "Previous match", keys: ["p"], isEnabled: hasFind, run: () => state.toMatch(-1) },
    { id: "error", label: "Next error", keys: ["e"], isEnabled: model.errorCount > 0, run: () => state.toError(1) },
    {
      id: "error-back",
      label: "Previous error",
      keys: ["E"],
      isEnabled: model.errorCount > 0,
      run: () => state.toError(-1),
    },
    { id: "slowest", label: "Go to what took longest", keys: ["w"], run: state.toSlowest },
    { id: "expensive", label: "Go to what cost most", keys: ["m"], run: state.toMostExpensive },
    { id: "tab-back", label: "Previous tab", keys: ["["], isKeyOnly: true, run: () => stepTab(-1) },
    { id: "tab", label: "Next tab", keys: ["]"], isKeyOnly: true, run: () => stepTab(1) },
    { id: "score", label: "Give a score", keys: ["s"], run: score },
    { id: "dataset", label: "Add to a dataset", keys: ["d"], isEnabled: selectedId !== null, run: addToDataset },
    {
      id: "copy-id",
      label: "Copy the observation's id",
      keys: ["y"],
      run: () => void copyText(selectedId ?? model.traceId),
    },
    { id: "copy-markdown", label: "Copy the trace as Markdown", keys: ["Y"], run: () => void copyText(markdown()) },
    {
      id: "escape",
      label: "Back",
      keys: ["Escape"],
      isKeyOnly: true,
      run: () => {
        if (hasFind) state.setFind("");
        else if (isPhone && isChosen) state.choose(null);
        else onEscape();
      },
    },
  ]);

  return (
    <section className={styles["page"]} aria-label={`Trace ${head.trace.name}`}>
      <TraceHeader
        project={project}
        trace={head.trace}
        model={model}
        onFirstError={toFirstError}
        onMarkdown={markdown}
        onClose={onClose}
      />
      <Split
        key={view}
        name={onClose === null ? `trace.${view}` : `peek.${view}`}
        initialShare={share}
        phonePane={isChosen ? "right" : "left"}
        left={
          <div className={styles["views"]}>
            <TraceToolbar state={state} inputRef={find} />
            {view === "tree" && <TreeView model={model} state={state} />}
            {view === "timeline" && <TimelineView model={model} state={state} />}
            {view === "transcript" && <TranscriptView model={model} state={state} />}
          </div>
        }
        right={
          shown === -1 ? (
            <Notice title="No observation has arrived yet" level={2} />
          ) : (
            <DetailPane
              trace={trace}
              index={Math.min(shown, model.count - 1)}
              isFirstRoot={shown === model.order[0]}
              isSettled={state.isSettled && shown === selected}
              tab={tab}
              onTab={showTab}
              onScore={score}
              onDataset={addToDataset}
              onBack={isPhone ? backToTree : null}
            />
          )
        }
      />
      {dialog === "dataset" && selectedId !== null && (
        <AddToDataset observations={[{ traceId: model.traceId, observationId: selectedId }]} onClose={closeDialog} />
      )}
      {dialog === "score" && (
        <ScoreDialog
          traceId={model.traceId}
          observationId={selectedId}
          subject={nameOf(model, selected)}
          onClose={closeDialog}
        />
      )}
    </section>
  );
}

function outline({ model, head }: LoadedTrace): string {
  const rows = [...model.order].map((index) => outlineRow(model, index));
  const [root] = model.order;
  return traceMarkdown(head.trace, rows, observationUrl(head.trace, idOf(model, root ?? 0)));
}

function outlineRow(model: TraceModel, index: number) {
  const { inputTokens, outputTokens, cost } = ownSum(model, index);
  return {
    depth: model.depths[index] ?? 0,
    type: typeOf(model, index),
    name: nameOf(model, index),
    status: statusOf(model, index),
    durationMs: durationOf(model, index, Date.now() - model.startTime),
    tokens: inputTokens + outputTokens,
    cost,
  };
}
