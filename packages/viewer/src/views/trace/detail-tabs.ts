export type DetailTab = "formatted" | "json" | "attributes" | "scores";

export const DETAIL_TABS: readonly { id: DetailTab; label: string }[] = [
  { id: "formatted", label: "Formatted" },
  { id: "json", label: "JSON" },
  { id: "attributes", label: "Attributes" },
  { id: "scores", label: "Scores" },
];

export function isDetailTab(text: string | null): text is DetailTab {
  return DETAIL_TABS.some((tab) => tab.id === text);
}
