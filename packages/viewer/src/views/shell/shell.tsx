import { type ReactNode, useState } from "react";
import { Link, useLocation } from "wouter";
import { LiveFeed, type LiveState } from "../../api/live.ts";
import { LiveContext, useLiveChanges, useLiveState } from "../../api/use-live.ts";
import { ProjectContext } from "../../api/use-project.ts";
import { tracesPath } from "../../routes.ts";
import buttons from "../../ui/button.module.css";
import { HelpOverlay } from "../../ui/help-overlay.tsx";
import { Icon } from "../../ui/icons.tsx";
import { ThemeToggle } from "../../ui/theme-toggle.tsx";
import { useHotkeys } from "../../ui/use-hotkeys.ts";
import styles from "./shell.module.css";

const LIVE_TEXT: Record<LiveState, { label: string; title: string }> = {
  connecting: { label: "Connecting", title: "Connecting to the server's event stream" },
  live: { label: "Live", title: "New traces appear as they arrive" },
  polling: { label: "Polling", title: "The event stream is away: looking for changes every 3 seconds" },
};

export function Shell({ project, children }: { project: string; children: ReactNode }) {
  const [feed] = useState(() => new LiveFeed(project));
  const [, navigate] = useLocation();
  const [helpOpen, setHelpOpen] = useState(false);
  useHotkeys({
    "?": () => setHelpOpen(true),
    "g t": () => navigate(tracesPath(project)),
  });

  return (
    <ProjectContext value={project}>
      <LiveContext value={feed}>
        <div className={styles["shell"]}>
          <header className={styles["bar"]}>
            <Link href={tracesPath(project)} className={styles["brand"]}>
              <Logo />
              Spanwise
            </Link>
            <span className={styles["crumbs"]} title="Project">
              {project}
            </span>
            <nav className={styles["nav"]} aria-label="Pages">
              <Link href={tracesPath(project)} aria-current="page">
                Traces
              </Link>
            </nav>
            <div className={styles["right"]}>
              <LiveMark />
              <ThemeToggle />
              <button
                type="button"
                className={buttons["icon"]}
                title="Keyboard shortcuts (?)"
                aria-label="Keyboard shortcuts"
                onClick={() => setHelpOpen(true)}
              >
                <Icon name="help" />
              </button>
            </div>
          </header>
          <main className={styles["main"]}>{children}</main>
        </div>
        {helpOpen && <HelpOverlay onClose={() => setHelpOpen(false)} />}
      </LiveContext>
    </ProjectContext>
  );
}

function LiveMark() {
  // Subscribing keeps the stream open on pages that have no list of their own.
  useLiveChanges(() => {});
  const state = useLiveState();
  return (
    <span className={styles["live"]} data-state={state} title={LIVE_TEXT[state].title}>
      <span className={styles["dot"]} />
      {LIVE_TEXT[state].label}
    </span>
  );
}

/** Three spans of a trace. */
function Logo() {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
      <rect x="1" y="3" width="18" height="3.5" rx="1.75" fill="var(--accent)" />
      <rect x="5" y="8.25" width="10" height="3.5" rx="1.75" fill="var(--kind-generation)" />
      <rect x="11" y="13.5" width="8" height="3.5" rx="1.75" fill="var(--kind-tool)" />
    </svg>
  );
}
