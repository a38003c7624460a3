import { useState } from "react";
import { BASE } from "../../base.ts";
import { useStatus } from "../../api/use-settings.ts";
import { setupGuides } from "../../model/onboarding.ts";
import { CodeBlock } from "../../ui/code-block.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { useNow } from "../../ui/use-now.ts";
import { LastRejected } from "../settings/last-rejected.tsx";
import styles from "./first-trace.module.css";

/** Shown while a project is empty. The list's live updates replace it when the first trace arrives. */
export function FirstTrace({ project }: { project: string }) {
  const [guides] = useState(() => setupGuides(window.location.origin + BASE, Date.now()));
  const [active, setActive] = useState(guides[0]?.id ?? "");
  const ingest = useStatus().data?.ingest;
  const nowMs = useNow(5_000);
  const guide = guides.find((candidate) => candidate.id === active);
  return (
    <div className={styles["page"]}>
      <div className={styles["inner"]}>
        <div className={styles["waiting"]}>
          <span className={styles["beacon"]} />
          <h1>Waiting for your first trace…</h1>
        </div>
        <p className={styles["lead"]}>
          This page turns into the trace list by itself as soon as something arrives in project <code>{project}</code>.
        </p>
        <div role="status" className={styles["arrived"]}>
          {ingest !== undefined && <LastRejected ingest={ingest} nowMs={nowMs} />}
        </div>
        <Tabs label="Ways to send a trace" tabs={guides} active={active} onChange={setActive}>
          {guide?.steps.map((step) => (
            <section key={step.title} className={styles["step"]}>
              <h2>{step.title}</h2>
              <CodeBlock code={step.code} />
            </section>
          ))}
          <p className={styles["note"]}>{guide?.note}</p>
        </Tabs>
      </div>
    </div>
  );
}
