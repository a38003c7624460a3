import { type ComponentType, lazy } from "react";
import * as routes from "./routes.ts";
import type { IconName } from "./ui/icons.tsx";
import { TracesPage } from "./views/traces/traces-page.tsx";

export interface PageProps {
  project: string;
  /** What the path names: `:traceId`, `:sessionId`, … */
  params: Readonly<Record<string, string>>;
}

export interface PageEntry {
  /** Below `/p/:project`. */
  path: string;
  component: ComponentType<PageProps>;
}

export interface NavEntry {
  label: string;
  icon: IconName;
  /** Finishes the sequence "g …". */
  key: string;
  path: (project: string) => string;
}

// The trace page brings the tree, the chat and the JSON viewer: the list does not wait for them.
const TracePage = lazy(async () => ({ default: (await import("./views/trace/trace-page.tsx")).TracePage }));

const ObservationsPage = lazy(async () => ({
  default: (await import("./views/observations/observations-page.tsx")).ObservationsPage,
}));

/** Each page but the first is a chunk of its own, loaded when it is opened. More special paths come first. */
export const PAGES: readonly PageEntry[] = [
  { path: "/traces", component: TracesPage },
  { path: "/traces/:traceId", component: TracePage },
  { path: "/observations", component: ObservationsPage },
];

/** In the order of the navigation. */
export const NAVIGATION: readonly NavEntry[] = [
  { label: "Traces", icon: "list", key: "t", path: routes.tracesPath },
  { label: "Observations", icon: "layers", key: "o", path: routes.observationsPath },
];
