import { Link } from "wouter";
import type { ServerStatus } from "../../api/types.ts";
import { formatExact, formatRelative } from "../../model/format.ts";
import { tracesPath } from "../../routes.ts";
import { Icon } from "../../ui/icons.tsx";
import { useNow } from "../../ui/use-now.ts";
import { clientText, LastRejected } from "./last-rejected.tsx";
import styles from "./settings.module.css";

/** Whether anything arrived yet, and what was turned down last: the first thing to look at when nothing comes. */
export function Arrival({ project, status }: { project: string; status: ServerStatus | undefined }) {
  const nowMs = useNow(5_000);
  if (status === undefined) return <div className={styles["arrival"]} aria-busy="true" />;
  const { hasTraces, ingest } = status;
  const { lastReceived } = ingest;
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
      <LastRejected ingest={ingest} nowMs={nowMs} />
    </div>
  );
}
