import type { ReactNode } from "react";
import type { ObservationType } from "../api/types.ts";

export type IconName =
  | "back"
  | "caret"
  | "check"
  | "close"
  | "copy"
  | "help"
  | "link"
  | "moon"
  | "save"
  | "search"
  | "sun"
  | "system"
  | "warning";

/** Drawn on a 16 px grid with a 1.5 px line. */
const ICONS: Record<IconName, ReactNode> = {
  back: <path d="M9.5 3.5 5 8l4.5 4.5" />,
  caret: <path d="m6 4 4 4-4 4" />,
  check: <path d="m3.5 8.5 3 3 6-7" />,
  close: <path d="m4 4 8 8m0-8-8 8" />,
  copy: <path d="M6 6h7v7H6zM3 10V3h7" />,
  help: <path d="M6 6a2 2 0 1 1 2.8 1.9c-.5.2-.8.6-.8 1.2v.4M8 12v.01" />,
  link: <path d="M6.5 9.5l3-3M7 4.5l1-1a3 3 0 0 1 4.5 4.5l-1 1M9 11.5l-1 1A3 3 0 0 1 3.5 8l1-1" />,
  moon: <path d="M13 9.500A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.500Z" />,
  save: <path d="M8 2.500v7.500m-3-3 3 3 3-3M3 13h10" />,
  search: <path d="M7 11.500a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9Zm3.3-1.2 3.2 3.2" />,
  sun: (
    <path d="M8 10.500a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM8 1.500v1m0 11v1m6.5-6.500h-1m-11 0h-1m11.1-4.6-.7.7M4.1 11.900l-.7.7m9.2 0-.7-.7M4.1 4.100l-.7-.7" />
  ),
  system: <path d="M2.5 3.500h11v7h-11zM6 13h4" />,
  warning: <path d="M8 2.5 14 13H2L8 2.500ZM8 6.500v3m0 1.700v.01" />,
};

const KIND_ICONS: Record<ObservationType, ReactNode> = {
  generation: (
    <path d="M8 2.500c.5 3.2 2.3 5 5.5 5.5-3.2.5-5 2.3-5.5 5.500C7.5 10.3 5.7 8.5 2.5 8 5.7 7.5 7.5 5.7 8 2.500Z" />
  ),
  agent: <path d="M8 2 13.2 5v6L8 14l-5.2-3V5L8 2Zm0 4.500a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3Z" />,
  tool: (
    <path d="M10.3 2.700a3.3 3.3 0 0 0-3.5 4.400L2.8 11.100a1.5 1.5 0 0 0 2.1 2.100l4-4a3.3 3.3 0 0 0 4.4-3.500L11.2 7.5 9 7l-.5-2.2 1.8-2.100Z" />
  ),
  retriever: (
    <path d="M2.5 4.500h11M2.5 8h5M2.5 11.500h4m5.3 1.2 1.7 1.800M10.3 13a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.400Z" />
  ),
  embedding: (
    <path d="M4 4h.01M8 4h.01M12 4h.01M4 8h.01M8 8h.01M12 8h.01M4 12h.01M8 12h.01M12 12h.01" strokeWidth="2.2" />
  ),
  evaluator: <path d="M3 8.5 6.5 12 13 4.500M3 13.500h10" />,
  guardrail: <path d="M8 2 3 4v4c0 3 2 5 5 6 3-1 5-3 5-6V4L8 2Z" />,
  chain: <path d="M2.5 8h3m5 0h3M5.5 6h5v4h-5z" />,
  span: <path d="M3 4.500h7M5 8h8M3 11.500h6" />,
  event: <path d="M8 5.500a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z" />,
};

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return <Svg size={size}>{ICONS[name]}</Svg>;
}

export function KindGlyph({ type, size = 14 }: { type: ObservationType; size?: number }) {
  return <Svg size={size}>{KIND_ICONS[type] ?? KIND_ICONS.span}</Svg>;
}

function Svg({ size, children }: { size: number; children: ReactNode }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}
