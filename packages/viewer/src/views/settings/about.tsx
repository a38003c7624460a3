import { BASE } from "../../base.ts";
import { useStatus } from "../../api/use-settings.ts";
import { formatAbsolute, formatBytes, formatExact, formatLocal } from "../../model/format.ts";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Arrival } from "./arrival.tsx";
import styles from "./settings.module.css";

/** The server, where its data are, and what came in since it was started. */
export function About({ project }: { project: string }) {
  const status = useStatus();
  if (status.error !== null && status.data === undefined) {
    return <ErrorNotice error={status.error} what="The status" level={2} onRetry={() => void status.refetch()} />;
  }
  const { data } = status;
  const facts: [string, string, string?][] =
    data === undefined
      ? []
      : [
          ["Version", data.version],
          ["Address", data.url],
          ["Reached by", data.isLoopback ? "this machine alone" : "other machines too"],
          ["Keys", data.keysRequired ? "asked for" : "any, or none"],
          ["File", data.dbPath ?? "none: everything is gone when the server stops"],
          ["Size", formatBytes(data.dbBytes)],
          ["Traces", formatExact(data.traceCount)],
          ["Observations", formatExact(data.observationCount)],
          ["Started", formatLocal(data.startedAt).slice(0, 19), formatAbsolute(data.startedAt)],
          ["Requests with data", formatExact(data.ingest.requests)],
          ["Observations taken", formatExact(data.ingest.observations)],
          ["Turned down", formatExact(data.ingest.rejected)],
          ["Of those, too many at a time", formatExact(data.ingest.limited)],
        ];
  return (
    <section className={styles["section"]}>
      <h2>About this server</h2>
      <Arrival project={project} status={data} />
      <dl className={styles["facts"]}>
        {facts.map(([label, value, title]) => (
          <div key={label} title={title}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className={styles["note"]}>
        The API is described by <a href={`${BASE}/api/openapi.json`}>its OpenAPI document</a>. Nothing is sent anywhere.
      </p>
    </section>
  );
}
