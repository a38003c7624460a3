import type { IconName } from "../../ui/icons.tsx";

export type TraceViewName = "tree" | "timeline" | "transcript";

export const TRACE_VIEWS: readonly { id: TraceViewName; label: string; icon: IconName; key: string; share: number }[] =
  [
    { id: "tree", label: "Tree", icon: "tree", key: "1", share: 38 },
    { id: "timeline", label: "Timeline", icon: "gantt", key: "2", share: 56 },
    { id: "transcript", label: "Transcript", icon: "speech", key: "3", share: 50 },
  ];

export function isTraceView(text: string | null): text is TraceViewName {
  return TRACE_VIEWS.some((view) => view.id === text);
}
