import { useState } from "react";
import { Link } from "wouter";
import { BASE } from "../../base.ts";
import { useKeyChanges, useStatus } from "../../api/use-settings.ts";
import { setupGuides } from "../../model/onboarding.ts";
import { settingsPath, tracesPath } from "../../routes.ts";
import buttons from "../../ui/button.module.css";
import { CodeBlock } from "../../ui/code-block.tsx";
import { FormError } from "../../ui/form.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Arrival } from "./arrival.tsx";
import styles from "./settings.module.css";

/** How to send traces here, with this server's address and keys, and whether any came. */
export function Connect({ project }: { project: string }) {
  const status = useStatus();
  const { create } = useKeyChanges();
  const keys = create.data ?? null;
  // The curl example has ids of its own: they stay while one reads.
  const [openedAt] = useState(() => Date.now());
  const guides = setupGuides(window.location.origin + BASE, openedAt, keys);
  const [active, setActive] = useState("openai");
  const guide = guides.find(({ id }) => id === active);
  // Any keys do on loopback, and then mean the default project.
  const needsKeys = status.data !== undefined && (status.data.keysRequired || project !== "default");
  return (
    <section className={styles["section"]}>
      <h2>Connect an application</h2>
      <Arrival project={project} status={status.data} />
      {needsKeys && (
        <div className={styles["keys"]}>
          {keys === null ? (
            <>
              <p>
                {status.data.keysRequired
                  ? "This server asks for keys."
                  : `Keys say that traces belong to the project ${project}; without, they go to the default one.`}{" "}
                The set-ups below are complete with them. See <Link href={settingsPath(project, "keys")}>all keys</Link>
                .
              </p>
              <button
                type="button"
                className={buttons["primary"]}
                disabled={create.isPending}
                onClick={() => create.mutate("from Connect")}
              >
                Make keys
              </button>
              <FormError error={create.error} />
            </>
          ) : (
            <p>
              <Icon name="check" size={13} /> The set-ups below hold new keys. The secret is shown now and never again.
            </p>
          )}
        </div>
      )}
      <Tabs label="Ways to send traces" tabs={guides} active={active} onChange={setActive} className={styles["tabs"]}>
        {guide?.steps.map((step) => (
          <div key={step.title} className={styles["step"]}>
            <h3>{step.title}</h3>
            <CodeBlock code={step.code} />
          </div>
        ))}
        <p className={styles["note"]}>{guide?.note}</p>
      </Tabs>
      <p className={styles["note"]}>
        <code>spanwise run -- npm run dev</code> sets all of these variables for one command. What arrives is in the{" "}
        <Link href={tracesPath(project)}>trace list</Link> at once.
      </p>
    </section>
  );
}
