import { useEffect } from "react";
import { Link, useSearchParams } from "wouter";
import { type LoadedTrace, useTrace } from "../../api/use-trace.ts";
import { formatRelative } from "../../model/format.ts";
import type { PageProps } from "../../pages.tsx";
import { comparePath, tracePath } from "../../routes.ts";
import buttons from "../../ui/button.module.css";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { Icon } from "../../ui/icons.tsx";
import { LoadingPage } from "../../ui/loading.tsx";
import { StatusMark } from "../../ui/status-mark.tsx";
import { ChooseTraces } from "./choose-traces.tsx";
import { CompareView } from "./compare-view.tsx";
import styles from "./compare.module.css";

/** Two traces side by side: what was done in both, how much more it took, what went in and came out. */
export function ComparePage({ project }: PageProps) {
  const [params] = useSearchParams();
  const [a, b] = [params.get("a") ?? "", params.get("b") ?? ""];
  useEffect(() => {
    document.title = "Compare · Spanwise";
  }, []);
  if (a === "" || b === "") return <ChooseTraces project={project} a={a} b={b} />;
  return <Both key={`${a} ${b}`} project={project} a={a} b={b} />;
}

function Both({ project, a, b }: { project: string; a: string; b: string }) {
  const [first, second] = [useTrace(a), useTrace(b)];
  const failed = [first, second].find(({ error, data }) => error !== null && data === undefined);
  if (failed?.error) {
    return <ErrorNotice error={failed.error} what="One of the traces" onRetry={() => void failed.refetch()} />;
  }
  if (first.data === undefined || second.data === undefined) return <LoadingPage label="Reading both traces" />;
  return (
    <section className={styles["page"]} aria-label="Compare two traces">
      <header className={styles["head"]}>
        <h1>Compare</h1>
        <TraceTitle project={project} mark="A" trace={first.data} />
        <TraceTitle project={project} mark="B" trace={second.data} />
        <Link
          href={comparePath(project, b, a)}
          className={buttons["icon"]}
          title="The other way round"
          aria-label="The other way round"
        >
          <Icon name="compare" />
        </Link>
      </header>
      <CompareView a={first.data} b={second.data} />
    </section>
  );
}

function TraceTitle({ project, mark, trace }: { project: string; mark: string; trace: LoadedTrace }) {
  const { traceId, name, status, startTime } = trace.head.trace;
  return (
    <div className={styles["trace"]}>
      <b aria-hidden="true">{mark}</b>
      <StatusMark status={status} />
      <Link href={tracePath(project, traceId)} title={traceId}>
        {name || "unnamed trace"}
      </Link>
      <span>{formatRelative(startTime, Date.now())}</span>
    </div>
  );
}
