import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { withQuery } from "../routes.ts";
import { PAGE_SIZE } from "./client.ts";
import { getJson } from "./http.ts";
import type { ListQuery, Page, SessionDetail, SessionSummary, UserSummary } from "./types.ts";
import { useLiveChanges } from "./use-live.ts";
import { useProject } from "./use-project.ts";

export type SumsQuery = Pick<ListQuery, "project" | "q" | "from" | "to"> & { cursor: string | null };

export function fetchSessions(query: SumsQuery, signal?: AbortSignal): Promise<Page<SessionSummary>> {
  return getJson(withQuery("/api/sessions", { limit: PAGE_SIZE, ...query }), signal);
}

export function fetchUsers(query: SumsQuery, signal?: AbortSignal): Promise<Page<UserSummary>> {
  return getJson(withQuery("/api/users", { limit: PAGE_SIZE, ...query }), signal);
}

/** A conversation that goes on is read again at most this often. */
const REFRESH_INTERVAL_MS = 1_000;

/** A session with its traces; goes on while traces of it change, and looks whether others are added. */
export function useSession(sessionId: string) {
  const project = useProject();
  const pending = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const query = useQuery({
    queryKey: ["session", project, sessionId],
    queryFn: ({ signal }) => getJson<SessionDetail>(withQuery("/api/session", { project, id: sessionId }), signal),
  });
  const { refetch } = query;
  useLiveChanges(() => {
    pending.current ??= setTimeout(() => {
      pending.current = undefined;
      void refetch();
    }, REFRESH_INTERVAL_MS);
  });
  useEffect(() => () => clearTimeout(pending.current), []);
  return query;
}
