import type { ObservationDetail, TraceDetail } from "../../api/types.ts";
import { cutFields } from "../../model/truncated.ts";
import { JsonTree } from "../../ui/json-tree.tsx";
import { Section } from "./detail-section.tsx";
import styles from "./detail-pane.module.css";

interface JsonTabProps {
  detail: ObservationDetail;
  traceMetadata: TraceDetail["trace"]["metadata"];
}

/** Input, output and metadata as they were recorded. */
export function JsonTab({ detail, traceMetadata }: JsonTabProps) {
  const cut = cutFields(detail);
  return (
    <div className={styles["sections"]}>
      <Section title="Input" isCut={cut.has("input")}>
        {detail.hasInput ? <JsonTree value={detail.input} label="input" /> : <NotRecorded />}
      </Section>
      <Section title="Output" isCut={cut.has("output")}>
        {detail.hasOutput ? <JsonTree value={detail.output} label="output" /> : <NotRecorded />}
      </Section>
      {detail.metadata !== null && (
        <Section title="Metadata" isCut={cut.has("metadata")}>
          <JsonTree value={detail.metadata} label="metadata" />
        </Section>
      )}
      {traceMetadata !== null && (
        <Section title="Metadata of the trace">
          <JsonTree value={traceMetadata} label="metadata of the trace" />
        </Section>
      )}
    </div>
  );
}

function NotRecorded() {
  return <p className={styles["muted"]}>Not recorded</p>;
}
