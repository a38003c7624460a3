import { memo, useMemo } from "react";
import type { LoadedObservation, LoadedTrace } from "../../api/use-trace.ts";
import { useObservation } from "../../api/use-trace.ts";
import type { Score, TraceDetail } from "../../api/types.ts";
import {
  formatAbsolute,
  formatCost,
  formatCount,
  formatDuration,
  formatElapsed,
  formatTotalCost,
} from "../../model/format.ts";
import {
  hasChildren,
  modelOf,
  nameOf,
  ownSum,
  statusOf,
  subtreeSum,
  type TraceModel,
  typeOf,
  idOf,
} from "../../trace/model.ts";
import { timing } from "../../trace/timing.ts";
import buttons from "../../ui/button.module.css";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Icon } from "../../ui/icons.tsx";
import { KindIcon } from "../../ui/kind-icon.tsx";
import { LoadingPage } from "../../ui/loading.tsx";
import { StatusMark } from "../../ui/status-mark.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { useNow } from "../../ui/use-now.ts";
import { AttributesTab } from "./attributes-tab.tsx";
import { CopyMenu } from "./copy-menu.tsx";
import { DETAIL_TABS, type DetailTab } from "./detail-tabs.ts";
import { FormattedTab } from "./formatted-tab.tsx";
import { JsonTab } from "./json-tab.tsx";
import { kindOf, stateOf } from "./row-name.tsx";
import { ScoresTab } from "./scores-tab.tsx";
import styles from "./detail-pane.module.css";

interface DetailPaneProps {
  trace: LoadedTrace;
  index: number;
  /** Whose page shows what belongs to the whole trace as well. */
  isFirstRoot: boolean;
  /** False while the selection moves on: no payload is asked for then. */
  isSettled: boolean;
  tab: DetailTab;
  onTab: (tab: DetailTab) => void;
  onScore: () => void;
  onDataset: () => void;
  /** `null` where the tree is beside the pane. */
  onBack: (() => void) | null;
}

/** All about one observation. Small fields come with the model and are there at once, the payload follows. */
export const DetailPane = memo(function DetailPane(props: DetailPaneProps) {
  const { trace, index, isFirstRoot, isSettled, tab, onTab, onScore, onDataset, onBack } = props;
  const { model, head } = trace;
  const id = idOf(model, index);
  const name = nameOf(model, index);
  const query = useObservation(model, index, isSettled);
  const traceScores = useMemo(() => head.scores.filter((score) => score.observationId === null), [head.scores]);
  const loaded = query.data;
  const counts: Partial<Record<DetailTab, number>> = {
    scores: traceScores.length + (loaded?.detail.scores.length ?? 0),
    attributes: loaded?.detail.events.length ?? 0,
  };
  return (
    <section className={styles["pane"]} aria-label={`Observation ${name}`}>
      <header className={styles["head"]}>
        <div className={styles["title"]}>
          {onBack !== null && (
            <button type="button" className={buttons["icon"]} aria-label="Back to the tree" onClick={onBack}>
              <Icon name="back" />
            </button>
          )}
          <KindIcon type={kindOf(model, index)} />
          <h2 title={name}>{name || typeOf(model, index)}</h2>
          <span className={styles["type"]}>{typeOf(model, index)}</span>
          <StatusMark status={stateOf(model, index)} />
          <div className={styles["tools"]}>
            <button type="button" className={buttons["icon"]} title="Score (s)" aria-label="Score" onClick={onScore}>
              <Icon name="star" size={14} />
            </button>
            <button
              type="button"
              className={buttons["icon"]}
              title="Add to a dataset (d)"
              aria-label="Add to a dataset"
              onClick={onDataset}
            >
              <Icon name="database" size={14} />
            </button>
            <CopyMenu key={id} trace={head.trace} observationId={id} loaded={loaded} />
          </div>
        </div>
        <Facts model={model} index={index} />
      </header>
      <Tabs
        label="Views of the observation"
        tabs={DETAIL_TABS.map((entry) => ({ ...entry, count: counts[entry.id] ?? 0 }))}
        active={tab}
        onChange={onTab}
        className={styles["tabs"]}
        panelClassName={styles["panel"]}
        // While a key is held nothing is read, and the rows it passes share one empty panel.
        panelKey={loaded === undefined && !isSettled ? "passing" : `${id} ${tab}`}
      >
        {loaded !== undefined ? (
          <TabBody
            tab={tab}
            loaded={loaded}
            traceScores={traceScores}
            traceMetadata={isFirstRoot ? head.trace.metadata : null}
            onScore={onScore}
          />
        ) : query.error !== null ? (
          <ErrorNotice error={query.error} what="The payload" level={3} onRetry={() => void query.refetch()} />
        ) : (
          <LoadingPage />
        )}
      </Tabs>
    </section>
  );
});

interface TabBodyProps {
  tab: DetailTab;
  loaded: LoadedObservation;
  traceScores: readonly Score[];
  /** `null` where it is shown elsewhere, and where there is none. */
  traceMetadata: TraceDetail["trace"]["metadata"];
  onScore: () => void;
}

function TabBody({ tab, loaded, traceScores, traceMetadata, onScore }: TabBodyProps) {
  switch (tab) {
    case "formatted":
      return <FormattedTab loaded={loaded} traceMetadata={traceMetadata} />;
    case "json":
      return <JsonTab loaded={loaded} traceMetadata={traceMetadata} />;
    case "attributes":
      return <AttributesTab loaded={loaded} />;
    default:
      return <ScoresTab scores={loaded.detail.scores} traceScores={traceScores} onScore={onScore} />;
  }
}

function Facts({ model, index }: { model: TraceModel; index: number }) {
  const isRunning = statusOf(model, index) === "running";
  const nowMs = useNow(isRunning ? 100 : null);
  const times = timing(model, index, nowMs - model.startTime);
  const own = ownSum(model, index);
  const total = subtreeSum(model, index);
  const hasOwnUsage = own.inputTokens + own.outputTokens > 0;
  const hasTotal = hasChildren(model, index) && total.inputTokens + total.outputTokens > 0;
  const end = model.ends[index] ?? -1;
  const overflow = end < 0 ? 0 : end - times.offsetMs - (times.durationMs ?? 0);
  const facts: [string, string | null, string?][] = [
    ["Duration", isRunning ? formatElapsed(times.durationMs ?? 0) : formatDuration(times.durationMs)],
    ["∑ Duration", overflow < 1 ? null : formatDuration(end - times.offsetMs), "With everything it started"],
    ["Starts at", formatOffset(times.offsetMs), formatAbsolute(model.startTime + times.offsetMs)],
    ["First token", times.firstTokenMs === null ? null : formatDuration(times.firstTokenMs)],
    ["Speed", times.tokensPerSecond === null ? null : `${times.tokensPerSecond.toFixed(0)} tokens/s`],
    ["Model", modelOf(model, index) || null],
    ["Tokens", hasOwnUsage ? `${formatCount(own.inputTokens)} → ${formatCount(own.outputTokens)}` : null],
    [
      "∑ Tokens",
      hasTotal && !hasOwnUsage ? `${formatCount(total.inputTokens)} → ${formatCount(total.outputTokens)}` : null,
    ],
    ["Cost", hasOwnUsage || own.cost !== null ? formatCost(own.cost) : null],
    ["∑ Cost", hasTotal && own.cost === null ? formatTotalCost(total) : null],
  ];
  return (
    <dl className={styles["facts"]}>
      {facts.map(
        ([label, value, title]) =>
          value !== null && (
            <div key={label} title={title}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

function formatOffset(offsetMs: number): string {
  return offsetMs < 0 ? `−${formatDuration(-offsetMs)}` : `+${formatDuration(offsetMs)}`;
}
