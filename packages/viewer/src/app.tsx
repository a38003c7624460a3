import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import { isNotFound } from "./api/client.ts";
import { DEFAULT_PROJECT, tracePath, tracesPath } from "./routes.ts";
import { NotFound } from "./views/not-found.tsx";
import { Shell } from "./views/shell/shell.tsx";
import { TracesPage } from "./views/traces/traces-page.tsx";

// The trace page brings the tree, the chat and the JSON viewer: the list does not wait for them.
const TracePage = lazy(async () => {
  const module = await import("./views/trace/trace-page.tsx");
  return { default: module.TracePage };
});

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Changes are pushed (api/live.ts), so nothing goes stale by time.
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < 2 && !isNotFound(error),
      retryDelay: 400,
    },
  },
});

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <Switch>
        <Route path="/p/:project/traces">
          {({ project }) => (
            <Shell key={project} project={project}>
              <TracesPage project={project} />
            </Shell>
          )}
        </Route>
        <Route path="/p/:project/traces/:traceId">
          {({ project, traceId }) => (
            <Shell key={project} project={project}>
              <Suspense>
                <TracePage key={traceId} project={project} traceId={traceId} />
              </Suspense>
            </Shell>
          )}
        </Route>
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
        <Route>
          <Shell project={DEFAULT_PROJECT}>
            <NotFound />
          </Shell>
        </Route>
      </Switch>
    </QueryClientProvider>
  );
}
