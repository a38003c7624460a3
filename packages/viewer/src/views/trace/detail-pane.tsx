import { memo, useMemo } from "react";
import type { ObservationDetail, Score, TraceDetail } from "../../api/types.ts";
import { useObservation } from "../../api/use-trace.ts";
import { formatAbsolute, formatCost, formatCount, formatDuration, formatElapsed } from "../../model/format.ts";
import { timing } from "../../model/timing.ts";
import type { TreeNode } from "../../model/tree.ts";
import buttons from "../../ui/button.module.css";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Icon } from "../../ui/icons.tsx";
import { JsonTree } from "../../ui/json-tree.tsx";
import { KindIcon } from "../../ui/kind-icon.tsx";
import { Notice } from "../../ui/notice.tsx";
import { StatusMark } from "../../ui/status-mark.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { useNow } from "../../ui/use-now.ts";
import { Section } from "./detail-section.tsx";
import { DETAIL_TABS, type DetailTab } from "./detail-tabs.ts";
import { FormattedTab } from "./formatted-tab.tsx";
import { JsonTab } from "./json-tab.tsx";
import { ScoresTab } from "./scores-tab.tsx";
import styles from "./detail-pane.module.css";

interface DetailPaneProps {
  node: TreeNode;
  detail: TraceDetail;
  /** Whose page shows what belongs to the whole trace as well. */
  isFirstRoot: boolean;
  /** False while the selection moves on: no payload is asked for then. */
  isSettled: boolean;
  tab: DetailTab;
  onTab: (tab: DetailTab) => void;
  /** `null` where the tree is beside the pane. */
  onBack: (() => void) | null;
}

/** All about one observation. Small fields come with the tree and are there at once, the payload follows. */
export const DetailPane = memo(function DetailPane(props: DetailPaneProps) {
  const { node, detail: trace, isFirstRoot, isSettled, tab, onTab, onBack } = props;
  const { observation } = node;
  const query = useObservation(observation, isSettled);
  const traceScores = useMemo(() => trace.scores.filter((score) => score.observationId === null), [trace.scores]);
  const scoreCount = traceScores.length + (query.data?.scores.length ?? 0);
  const tabs = DETAIL_TABS.map((entry) => (entry.id === "scores" ? { ...entry, count: scoreCount } : entry));
  return (
    <section className={styles["pane"]} aria-label={`Observation ${observation.name}`}>
      <header className={styles["head"]}>
        <div className={styles["title"]}>
          {onBack !== null && (
            <button type="button" className={buttons["icon"]} aria-label="Back to the tree" onClick={onBack}>
              <Icon name="back" />
            </button>
          )}
          <KindIcon type={observation.type} />
          <h2 title={observation.name}>{observation.name || observation.type}</h2>
          <span className={styles["type"]}>{observation.type}</span>
          <StatusMark status={observation.status} />
          <CopyButton
            key={observation.id}
            text={observation.id}
            label={`Copy the observation's id ${observation.id} (y)`}
          />
        </div>
        <Facts node={node} traceStartMs={trace.trace.startTime} />
      </header>
      <Tabs
        label="Views of the observation"
        tabs={tabs}
        active={tab}
        onChange={onTab}
        className={styles["tabs"]}
        panelClassName={styles["panel"]}
        panelKey={`${observation.id} ${tab}`}
      >
        {query.data !== undefined ? (
          <TabBody
            tab={tab}
            detail={query.data}
            traceScores={traceScores}
            traceMetadata={isFirstRoot ? trace.trace.metadata : null}
          />
        ) : query.error !== null ? (
          <Notice
            title="The payload cannot be read"
            level={3}
            actions={
              <button type="button" className={buttons["text"]} onClick={() => void query.refetch()}>
                Try again
              </button>
            }
          >
            <p>{query.error.message}</p>
          </Notice>
        ) : (
          <div aria-busy="true" />
        )}
      </Tabs>
    </section>
  );
});

interface TabBodyProps {
  tab: DetailTab;
  detail: ObservationDetail;
  traceScores: readonly Score[];
  /** `null` where it is shown elsewhere, and where there is none. */
  traceMetadata: TraceDetail["trace"]["metadata"];
}

function TabBody({ tab, detail, traceScores, traceMetadata }: TabBodyProps) {
  switch (tab) {
    case "formatted":
      return <FormattedTab detail={detail} traceMetadata={traceMetadata} />;
    case "json":
      return <JsonTab detail={detail} traceMetadata={traceMetadata} />;
    case "attributes":
      return (
        <div className={styles["sections"]}>
          <Section title="Span attributes">
            <JsonTree value={detail.attributes} label="span attributes" />
          </Section>
          <Section title="Resource">
            <JsonTree value={detail.resource} label="resource attributes" />
          </Section>
          {detail.scope !== null && (
            <Section title="Instrumentation scope">
              <JsonTree value={detail.scope} label="instrumentation scope" />
            </Section>
          )}
        </div>
      );
    default:
      return <ScoresTab scores={detail.scores} traceScores={traceScores} />;
  }
}

function Facts({ node, traceStartMs }: { node: TreeNode; traceStartMs: number }) {
  const { observation, own, subtree } = node;
  const isRunning = observation.status === "running";
  const nowMs = useNow(isRunning ? 100 : null);
  const times = timing(observation, traceStartMs, nowMs);
  const cost = own.cost ?? (node.children.length > 0 ? subtree.cost : null);
  const facts: [string, string | null, string?][] = [
    ["Duration", isRunning ? formatElapsed(times.durationMs ?? 0) : formatDuration(times.durationMs)],
    ["Starts at", formatOffset(times.offsetMs), formatAbsolute(observation.startTime)],
    ["First token", times.firstTokenMs === null ? null : formatDuration(times.firstTokenMs)],
    ["Speed", times.tokensPerSecond === null ? null : `${times.tokensPerSecond.toFixed(0)} tokens/s`],
    ["Model", observation.model],
    ["Provider", observation.provider],
    ["Tokens", own.totalTokens === null ? null : `${formatCount(own.inputTokens)} → ${formatCount(own.outputTokens)}`],
    [
      own.cost === null && cost !== null ? "∑ Cost" : "Cost",
      cost === null && own.totalTokens === null ? null : formatCost(cost),
    ],
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
