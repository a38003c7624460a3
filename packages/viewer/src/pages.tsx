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

const DashboardPage = lazy(async () => ({
  default: (await import("./views/dashboard/dashboard-page.tsx")).DashboardPage,
}));
const SessionsPage = lazy(async () => ({ default: (await import("./views/sessions/sessions-page.tsx")).SessionsPage }));
const SessionPage = lazy(async () => ({ default: (await import("./views/sessions/session-page.tsx")).SessionPage }));
const UsersPage = lazy(async () => ({ default: (await import("./views/users/users-page.tsx")).UsersPage }));
const UserPage = lazy(async () => ({ default: (await import("./views/users/user-page.tsx")).UserPage }));
const ScoresPage = lazy(async () => ({ default: (await import("./views/scores/scores-page.tsx")).ScoresPage }));
const DatasetsPage = lazy(async () => ({ default: (await import("./views/datasets/datasets-page.tsx")).DatasetsPage }));
const DatasetPage = lazy(async () => ({ default: (await import("./views/datasets/dataset-page.tsx")).DatasetPage }));
const RunPage = lazy(async () => ({ default: (await import("./views/datasets/run-page.tsx")).RunPage }));
const ComparePage = lazy(async () => ({ default: (await import("./views/compare/compare-page.tsx")).ComparePage }));
const SettingsPage = lazy(async () => ({ default: (await import("./views/settings/settings-page.tsx")).SettingsPage }));

/** Each page but the first is a chunk of its own, loaded when it is opened. More special paths come first. */
export const PAGES: readonly PageEntry[] = [
  { path: "/traces", component: TracesPage },
  { path: "/traces/:traceId", component: TracePage },
  { path: "/observations", component: ObservationsPage },
  { path: "/sessions", component: SessionsPage },
  { path: "/sessions/:sessionId", component: SessionPage },
  { path: "/users", component: UsersPage },
  { path: "/users/:userId", component: UserPage },
  { path: "/dashboard", component: DashboardPage },
  { path: "/scores", component: ScoresPage },
  { path: "/datasets", component: DatasetsPage },
  { path: "/datasets/:name", component: DatasetPage },
  { path: "/datasets/:name/runs/:run", component: RunPage },
  { path: "/compare", component: ComparePage },
  { path: "/settings", component: SettingsPage },
  { path: "/settings/:section", component: SettingsPage },
];

/** In the order of the navigation. */
export const NAVIGATION: readonly NavEntry[] = [
  { label: "Traces", icon: "list", key: "t", path: routes.tracesPath },
  { label: "Observations", icon: "layers", key: "o", path: routes.observationsPath },
  { label: "Sessions", icon: "speech", key: "s", path: routes.sessionsPath },
  { label: "Users", icon: "people", key: "u", path: routes.usersPath },
  { label: "Dashboard", icon: "chart", key: "d", path: routes.dashboardPath },
  { label: "Scores", icon: "star", key: "c", path: routes.scoresPath },
  { label: "Datasets", icon: "database", key: "e", path: routes.datasetsPath },
  { label: "Compare", icon: "compare", key: "m", path: (project) => routes.comparePath(project, "", "") },
  { label: "Settings", icon: "settings", key: ",", path: (project) => routes.settingsPath(project) },
];
