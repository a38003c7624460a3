import type { LoadedObservation } from "../../api/use-trace.ts";
import type { TraceDetail } from "../../api/types.ts";
import { parseNested } from "../../model/json.ts";
import { cutFields } from "../../model/truncated.ts";
import { JsonTree, LargeJsonTree } from "../../ui/json-tree.tsx";
import { Section } from "./detail-section.tsx";
import styles from "./detail-pane.module.css";

interface JsonTabProps {
  loaded: LoadedObservation;
  traceMetadata: TraceDetail["trace"]["metadata"];
}

/** Input, output and metadata as they were recorded, whatever their size. */
export function JsonTab({ loaded, traceMetadata }: JsonTabProps) {
  const { detail, large } = loaded;
  const cut = cutFields(detail);
  const show = (name: "input" | "output" | "metadata") => {
    const value = large[name];
    return value === undefined ? (
      <JsonTree value={parseNested(detail[name])} label={name} />
    ) : (
      <LargeJsonTree value={value} label={name} />
    );
  };
  return (
    <div className={styles["sections"]}>
      <Section title="Input" isCut={cut.has("input")}>
        {detail.hasInput ? show("input") : <NotRecorded />}
      </Section>
      <Section title="Output" isCut={cut.has("output")}>
        {detail.hasOutput ? show("output") : <NotRecorded />}
      </Section>
      {(detail.metadata !== null || large["metadata"] !== undefined) && (
        <Section title="Metadata" isCut={cut.has("metadata")}>
          {show("metadata")}
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
