import { createContext, use, useEffect, useEffectEvent, useSyncExternalStore } from "react";
import type { LiveChange, LiveFeed, LiveState } from "./live.ts";

export const LiveContext = createContext<LiveFeed | null>(null);

function useFeed(): LiveFeed {
  const feed = use(LiveContext);
  if (feed === null) throw new Error("useLive needs the shell around it");
  return feed;
}

export function useLiveState(): LiveState {
  const feed = useFeed();
  return useSyncExternalStore(feed.subscribeState, feed.getState);
}

/** Calls the newest `onChange` at each change, without subscribing anew when it changes. */
export function useLiveChanges(onChange: (change: LiveChange) => void): void {
  const feed = useFeed();
  const latest = useEffectEvent(onChange);
  useEffect(() => feed.subscribe((change) => latest(change)), [feed]);
}
