import { type ComponentType, useEffect } from "react";
import { Link, Redirect } from "wouter";
import type { PageProps } from "../../pages.tsx";
import { settingsPath } from "../../routes.ts";
import { About } from "./about.tsx";
import { Connect } from "./connect.tsx";
import { KeySettings } from "./key-settings.tsx";
import { PriceSettings } from "./price-settings.tsx";
import { ProjectSettings } from "./project-settings.tsx";
import { RetentionForm } from "./retention-form.tsx";
import styles from "./settings.module.css";

interface Section {
  id: string;
  label: string;
  component: ComponentType<{ project: string }>;
}

const SECTIONS: readonly Section[] = [
  { id: "connect", label: "Connect", component: Connect },
  { id: "prices", label: "Prices", component: PriceSettings },
  { id: "retention", label: "Retention", component: RetentionForm },
  { id: "keys", label: "Keys", component: KeySettings },
  { id: "projects", label: "Projects", component: ProjectSettings },
  { id: "about", label: "About", component: About },
];

export function SettingsPage({ project, params }: PageProps) {
  const id = params["section"];
  const section = SECTIONS.find((entry) => entry.id === id);
  useEffect(() => {
    document.title = `${section?.label ?? "Settings"} · Spanwise`;
  }, [section]);
  if (section === undefined) return <Redirect to={settingsPath(project, "connect")} replace />;
  const Content = section.component;
  return (
    <div className={styles["page"]}>
      <nav className={styles["nav"]} aria-label="Settings">
        <h1>Settings</h1>
        {SECTIONS.map((entry) => (
          <Link
            key={entry.id}
            href={settingsPath(project, entry.id)}
            aria-current={entry.id === section.id ? "page" : undefined}
          >
            {entry.label}
          </Link>
        ))}
      </nav>
      <div className={styles["content"]} tabIndex={0} role="group" aria-label={section.label}>
        <Content key={section.id} project={project} />
      </div>
    </div>
  );
}
