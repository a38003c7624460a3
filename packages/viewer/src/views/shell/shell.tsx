import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { useLocation } from "wouter";
import { LiveFeed } from "../../api/live.ts";
import { LiveContext } from "../../api/use-live.ts";
import { ProjectContext } from "../../api/use-project.ts";
import { CommandRegistry } from "../../commands/registry.ts";
import { CommandContext, useCommandKeys, useCommands } from "../../commands/use-commands.ts";
import { NAVIGATION } from "../../pages.tsx";
import { useTheme } from "../../ui/use-theme.ts";
import { ConnectionBanner } from "./connection-banner.tsx";
import { Navigation, useRail } from "./navigation.tsx";
import styles from "./shell.module.css";

// Both are asked for by a key or a click: the first paint does not wait for them.
const loadHelp = () => import("../../commands/help-overlay.tsx");
const loadPalette = () => import("../../commands/palette.tsx");
const HelpOverlay = lazy(async () => ({ default: (await loadHelp()).HelpOverlay }));
const Palette = lazy(async () => ({ default: (await loadPalette()).Palette }));

/** After this the page is quiet: what is typed right behind ⌘K must not be lost to a chunk on its way. */
const LOAD_AHEAD_MS = 1_500;

type Overlay = "help" | "palette" | null;

export function Shell({ project, children }: { project: string; children: ReactNode }) {
  const [feed] = useState(() => new LiveFeed(project));
  const [registry] = useState(() => new CommandRegistry());
  const [overlay, setOverlay] = useState<Overlay>(null);
  useCommandKeys(registry);
  useEffect(() => {
    const timer = setTimeout(() => {
      void Promise.all([loadPalette(), loadHelp()]).catch(() => {
        // Only a head start: the key itself tries again.
      });
    }, LOAD_AHEAD_MS);
    return () => clearTimeout(timer);
  }, []);
  usePaletteKey(() => setOverlay((current) => (current === "palette" ? null : "palette")));

  return (
    <ProjectContext value={project}>
      <LiveContext value={feed}>
        <CommandContext value={registry}>
          <Frame project={project} onOverlay={setOverlay}>
            {children}
          </Frame>
          <Suspense>
            {overlay === "help" && <HelpOverlay onClose={() => setOverlay(null)} />}
            {overlay === "palette" && <Palette project={project} onClose={() => setOverlay(null)} />}
          </Suspense>
        </CommandContext>
      </LiveContext>
    </ProjectContext>
  );
}

interface FrameProps {
  project: string;
  onOverlay: (overlay: Overlay) => void;
  children: ReactNode;
}

function Frame({ project, onOverlay, children }: FrameProps) {
  const [, navigate] = useLocation();
  const theme = useTheme();
  const rail = useRail();
  useCommands("Everywhere", [
    ...NAVIGATION.map(({ label, key, path }) => ({
      id: `go-${key}`,
      label: `Go to ${label.toLowerCase()}`,
      keys: [`g ${key}`],
      run: () => navigate(path(project)),
    })),
    { id: "palette", label: "Search and commands", keyText: "⌘K", isKeyOnly: true, run: () => onOverlay("palette") },
    { id: "help", label: "Keyboard shortcuts", keys: ["?"], run: () => onOverlay("help") },
    { id: "rail", label: "Fold the navigation", keys: ["\\"], run: rail.toggle },
    { id: "theme", label: `Theme: change to ${theme.next}`, run: theme.change },
    { id: "close", label: "Close the innermost thing", keyText: "Esc", isKeyOnly: true },
  ]);
  return (
    <div className={styles["shell"]} data-rail={rail.isFolded || undefined}>
      <a className={styles["skip"]} href="#content">
        Skip to the content
      </a>
      <Navigation
        project={project}
        rail={rail}
        onPalette={() => onOverlay("palette")}
        onHelp={() => onOverlay("help")}
      />
      <main id="content" className={styles["main"]} tabIndex={-1}>
        {children}
      </main>
      <ConnectionBanner />
    </div>
  );
}

/** ⌘K or Ctrl+K, also while one types. */
function usePaletteKey(toggle: () => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== "k" || !(event.metaKey || event.ctrlKey) || event.shiftKey || event.altKey)
        return;
      event.preventDefault();
      toggle();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
    // The setter behind it never changes.
    // oxlint-disable-next-line react/exhaustive-deps
  }, []);
}
