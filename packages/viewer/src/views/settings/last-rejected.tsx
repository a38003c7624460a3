import type { ServerStatus } from "../../api/types.ts";
import { formatAbsolute, formatExact, formatRelative } from "../../model/format.ts";
import { Icon } from "../../ui/icons.tsx";
import styles from "./last-rejected.module.css";

/** The last request that was turned down, and why; nothing when none was. */
export function LastRejected({ ingest, nowMs }: { ingest: ServerStatus["ingest"]; nowMs: number }) {
  const { lastReceived, lastRejected, rejected } = ingest;
  if (lastRejected === null) return null;
  const { time, client, message, status, route } = lastRejected;
  // What was turned down before something was taken is settled.
  const isOpen = lastReceived === null || time > lastReceived.time;
  return (
    <div className={styles["rejected"]} data-open={isOpen || undefined}>
      <Icon name="warning" size={14} />
      <p>
        <b>
          Turned down {formatRelative(time, nowMs)}
          {clientText(client)}:
        </b>{" "}
        {message}
        <small title={formatAbsolute(time)}>
          {status} for {route}; {formatExact(rejected)} in all since the start
        </small>
      </p>
    </div>
  );
}

export function clientText(client: string | null): string {
  return client === null ? "" : ` from ${client}`;
}
