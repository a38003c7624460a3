import { Link } from "wouter";
import type { ServerStatus } from "../../api/types.ts";
import { formatAbsolute, formatExact, formatRelative } from "../../model/format.ts";
import { tracesPath } from "../../routes.ts";
import { Icon } from "../../ui/icons.tsx";
import { useNow } from "../../ui/use-now.ts";
import styles from "./settings.module.css";

/** Whether anything arrived yet, and what was turned down last: the first thing to look at when nothing comes. */
export function Arrival({ project, status }: { project: string; status: ServerStatus | undefined }) {
  const nowMs = useNow(5_000);
  if (status === undefined) return <div className={styles["arrival"]} aria-busy="true" />;
  const { hasTraces, ingest } = status;
  const { lastReceived, lastRejected } = ingest;
  // What was turned down before something was taken is settled.
  const isOpen = lastRejected !== null && (lastReceived === null || lastRejected.time > lastReceived.time);
  return (
    <div role="status">
      <div className={styles["arrival"]} data-state={hasTraces ? "arrived" : "waiting"}>
        <span className={styles["beacon"]}>{hasTraces && <Icon name="check" size={12} />}</span>
        {hasTraces ? (
          <p>
            <b>Traces arrive.</b>{" "}
            {lastReceived === null
              ? "The project has traces; none came since the server was started."
              : `The last request came ${formatRelative(lastReceived.time, nowMs)}${clientText(lastReceived.client)}; ${formatExact(ingest.observations)} observations since the start.`}{" "}
            <Link href={tracesPath(project)}>Look at them</Link>
          </p>
        ) : (
          <p>
            <b>Waiting for the first trace of {project} …</b>{" "}
            {ingest.requests === 0 ? "No request came yet." : `${formatExact(ingest.requests)} requests came.`}
          </p>
        )}
      </div>
      {lastRejected !== null && (
        <div className={styles["rejected"]} data-open={isOpen || undefined}>
          <Icon name="warning" size={14} />
          <p>
            <b>
              Turned down {formatRelative(lastRejected.time, nowMs)}
              {clientText(lastRejected.client)}:
            </b>{" "}
            {lastRejected.message}
            <small title={formatAbsolute(lastRejected.time)}>
              {lastRejected.status} for {lastRejected.route}; {formatExact(ingest.rejected)} in all since the start
            </small>
          </p>
        </div>
      )}
    </div>
  );
}

function clientText(client: string | null): string {
  return client === null ? "" : ` from ${client}`;
}
