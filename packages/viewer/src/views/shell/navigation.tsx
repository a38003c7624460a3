import { useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import type { LiveState } from "../../api/live.ts";
import { useLiveChanges, useLiveState } from "../../api/use-live.ts";
import { NAVIGATION } from "../../pages.tsx";
import { tracesPath } from "../../routes.ts";
import buttons from "../../ui/button.module.css";
import { Icon } from "../../ui/icons.tsx";
import { readStored, writeStored } from "../../ui/storage.ts";
import { ThemeToggle } from "../../ui/theme-toggle.tsx";
import { useMedia } from "../../ui/use-size.ts";
import styles from "./shell.module.css";

const LIVE_TEXT: Record<LiveState, { label: string; title: string }> = {
  connecting: { label: "Connecting", title: "Connecting to the server's event stream" },
  live: { label: "Live", title: "New traces appear as they arrive" },
  polling: { label: "Polling", title: "The event stream is away: looking for changes every 3 seconds" },
};

/** Below this the labels would take room that rows need; one can still unfold them. */
const ROOMY = "(min-width: 1600px)";

export interface Rail {
  isFolded: boolean;
  toggle: () => void;
}

/** Whether the navigation shows icons alone: as one chose, else by the room there is. */
export function useRail(): Rail {
  const isRoomy = useMedia(ROOMY);
  const [chosen, setChosen] = useState(() => readStored("rail"));
  const isFolded = chosen === null ? !isRoomy : chosen === "folded";
  return {
    isFolded,
    toggle: () => {
      const next = isFolded ? "open" : "folded";
      setChosen(next);
      writeStored("rail", next);
    },
  };
}

interface NavigationProps {
  project: string;
  rail: Rail;
  onPalette: () => void;
  onHelp: () => void;
}

export function Navigation({ project, rail, onPalette, onHelp }: NavigationProps) {
  const [location] = useLocation();
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a small screen the pages scroll sideways: the one that is open has to be among those in sight.
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [location]);
  return (
    <header className={styles["side"]}>
      <Link href={tracesPath(project)} className={styles["brand"]} title={`Spanwise, project ${project}`}>
        <Logo />
        <span className={styles["label"]}>
          <b>Spanwise</b>
          <small>{project}</small>
        </span>
      </Link>
      <button type="button" className={styles["search"]} title="Search and commands (⌘K)" onClick={onPalette}>
        <Icon name="search" size={15} />
        <span className={styles["label"]}>Search</span>
        <kbd className={styles["label"]}>⌘K</kbd>
      </button>
      <nav ref={nav} className={styles["nav"]} aria-label="Pages">
        {NAVIGATION.map(({ label, icon, key, path }) => {
          const href = path(project);
          const isCurrent = location === href || location.startsWith(`${href}/`);
          return (
            <Link key={label} href={href} aria-current={isCurrent ? "page" : undefined} title={`${label} (g ${key})`}>
              <Icon name={icon} />
              <span className={styles["label"]}>{label}</span>
            </Link>
          );
        })}
      </nav>
      <div className={styles["foot"]}>
        <LiveMark />
        <div className={styles["tools"]}>
          <ThemeToggle />
          <button
            type="button"
            className={buttons["icon"]}
            title="Keyboard shortcuts (?)"
            aria-label="Keyboard shortcuts"
            onClick={onHelp}
          >
            <Icon name="help" />
          </button>
          <button
            type="button"
            className={`${buttons["icon"]} ${styles["fold"]}`}
            title={`${rail.isFolded ? "Unfold" : "Fold"} the navigation (\\)`}
            aria-label={`${rail.isFolded ? "Unfold" : "Fold"} the navigation`}
            aria-expanded={!rail.isFolded}
            onClick={rail.toggle}
          >
            <Icon name="collapse" />
          </button>
        </div>
      </div>
    </header>
  );
}

function LiveMark() {
  // Subscribing keeps the stream open on pages that have no list of their own.
  useLiveChanges(() => {});
  const state = useLiveState();
  return (
    <span className={styles["live"]} data-state={state} title={LIVE_TEXT[state].title}>
      <span className={styles["dot"]} />
      <span className={styles["label"]}>{LIVE_TEXT[state].label}</span>
    </span>
  );
}

/** Three spans of a trace. */
function Logo() {
  return (
    <svg width="22" height="22" viewBox="0 0 20 20" aria-hidden="true">
      <rect x="1" y="3" width="18" height="3.5" rx="1.75" fill="var(--accent)" />
      <rect x="5" y="8.25" width="10" height="3.5" rx="1.75" fill="var(--kind-generation)" />
      <rect x="11" y="13.5" width="8" height="3.5" rx="1.75" fill="var(--kind-tool)" />
    </svg>
  );
}
