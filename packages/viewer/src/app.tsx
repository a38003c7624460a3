import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Suspense } from "react";
import { Redirect, Route, Router, Switch } from "wouter";
import { BASE } from "./base.ts";
import { isAway, isFinal } from "./api/http.ts";
import { PAGES } from "./pages.tsx";
import { DEFAULT_PROJECT, pathParameters, tracePath, tracesPath } from "./routes.ts";
import { PageBoundary } from "./ui/error-notice.tsx";
import { LoadingPage } from "./ui/loading.tsx";
import { NotFound } from "./views/not-found.tsx";
import { Shell } from "./views/shell/shell.tsx";

const AWAY_INTERVAL_MS = 3_000;

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Changes are pushed (api/live.ts), so nothing goes stale by time.
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < 2 && !isFinal(error),
      retryDelay: 400,
      // What a page says when nothing answers. Where there is something to show, the live stream's polling sees to it.
      refetchInterval: ({ state }) => (state.data === undefined && isAway(state.error) ? AWAY_INTERVAL_MS : false),
    },
  },
});

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <Router base={BASE}>
        <Switch>
          <Route path="/">
            <Redirect to={tracesPath(DEFAULT_PROJECT)} replace />
          </Route>
          <Route path="/p/:project">{({ project }) => <Redirect to={tracesPath(project)} replace />}</Route>
          {/* The short form the SDK prints, and the one Langfuse's SDKs build. */}
          <Route path="/t/:traceId">
            {({ traceId }) => <Redirect to={tracePath(DEFAULT_PROJECT, traceId)} replace />}
          </Route>
          <Route path="/project/:project/traces/:traceId">
            {({ project, traceId }) => <Redirect to={tracePath(project, traceId)} replace />}
          </Route>
          <Route path="/p/:project/*">{({ project }) => <ProjectPages key={project} project={project} />}</Route>
          <Route>
            <Shell project={DEFAULT_PROJECT}>
              <NotFound />
            </Shell>
          </Route>
        </Switch>
      </Router>
    </QueryClientProvider>
  );
}

/** The shell stays while the pages in it change. */
function ProjectPages({ project }: { project: string }) {
  return (
    <Shell project={project}>
      <Switch>
        {PAGES.map(({ path, component: Page }) => (
          <Route key={path} path={`/p/:project${path}`}>
            {() => (
              <PageBoundary resetKey={window.location.pathname}>
                <Suspense fallback={<LoadingPage />}>
                  <Page
                    project={project}
                    params={pathParameters(`${BASE}/p/:project${path}`, window.location.pathname)}
                  />
                </Suspense>
              </PageBoundary>
            )}
          </Route>
        ))}
        <Route>
          <NotFound />
        </Route>
      </Switch>
    </Shell>
  );
}
