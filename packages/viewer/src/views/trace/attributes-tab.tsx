import { Link } from "wouter";
import type { SpanFacts } from "../../api/types.ts";
import type { LoadedObservation } from "../../api/use-trace.ts";
import { useProject } from "../../api/use-project.ts";
import { formatDuration } from "../../model/format.ts";
import { tracePath } from "../../routes.ts";
import { JsonTree, LargeJsonTree } from "../../ui/json-tree.tsx";
import { Section } from "./detail-section.tsx";
import styles from "./detail-pane.module.css";

/** What came on the wire beside what has a place of its own: events, links, attributes, resource and scope. */
export function AttributesTab({ loaded: { detail, large } }: { loaded: LoadedObservation }) {
  const project = useProject();
  return (
    <div className={styles["sections"]}>
      {detail.events.length > 0 && (
        <Section title="Events">
          <ol className={styles["events"]}>
            {detail.events.map((event, index) => (
              // Recorded events are never reordered, and two may be alike.
              // oxlint-disable-next-line react/no-array-index-key
              <li key={index}>
                <p>
                  <b>{event.name}</b>
                  <span>+{formatDuration(event.time - detail.startTime)}</span>
                </p>
                {Object.keys(event.attributes).length > 0 && <JsonTree value={event.attributes} label={event.name} />}
              </li>
            ))}
          </ol>
        </Section>
      )}
      {detail.span?.links !== undefined && (
        <Section title="Links">
          <ol className={styles["events"]}>
            {detail.span.links.map(({ traceId, spanId, ...rest }, index) => (
              // As events: two may be alike.
              // oxlint-disable-next-line react/no-array-index-key
              <li key={index}>
                <p>
                  <Link href={tracePath(project, traceId, spanId)}>trace {traceId.slice(0, 8)}</Link>
                  <span>span {spanId}</span>
                </p>
                {Object.keys(rest).length > 0 && <JsonTree value={rest} label={`link to ${spanId}`} />}
              </li>
            ))}
          </ol>
        </Section>
      )}
      <Section title="Span attributes">
        {large["attributes"] === undefined ? (
          <JsonTree value={detail.attributes} label="span attributes" />
        ) : (
          <LargeJsonTree value={large["attributes"]} label="span attributes" />
        )}
      </Section>
      <Section title="Resource">
        <JsonTree value={detail.resource} label="resource attributes" />
      </Section>
      {large["span"] === undefined ? (
        detail.span !== null && (
          <Section title="Span">
            <JsonTree value={withoutLinks(detail.span)} label="span" />
          </Section>
        )
      ) : (
        <Section title="Span">
          <LargeJsonTree value={large["span"]} label="span" />
        </Section>
      )}
      {detail.scope !== null && (
        <Section title="Instrumentation scope">
          <JsonTree value={detail.scope} label="instrumentation scope" />
        </Section>
      )}
    </div>
  );
}

function withoutLinks({ links: _links, ...rest }: SpanFacts): Omit<SpanFacts, "links"> {
  return rest;
}
