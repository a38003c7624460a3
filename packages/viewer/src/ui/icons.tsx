import type { ReactNode } from "react";
import type { ObservationType } from "../api/types.ts";

export type IconName =
  | "back"
  | "brackets"
  | "chart"
  | "clock"
  | "coin"
  | "collapse"
  | "columns"
  | "compare"
  | "database"
  | "down"
  | "external"
  | "filter"
  | "gantt"
  | "gauge"
  | "layers"
  | "list"
  | "menu"
  | "minus"
  | "panel"
  | "pause"
  | "people"
  | "play"
  | "plus"
  | "settings"
  | "speech"
  | "star"
  | "table"
  | "thumbDown"
  | "thumbUp"
  | "tree"
  | "up"
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
  brackets: (
    <path d="M6 2.500C4 2.500 4.500 7 3 8c1.5 1 1 5.500 3 5.500M10 2.500c2 0 1.5 4.500 3 5.500-1.5 1-1 5.500-3 5.500" />
  ),
  caret: <path d="m6 4 4 4-4 4" />,
  chart: <path d="M2.5 13.500h11M4.500 11V7M8 11V3.500M11.5 11V5.500" />,
  clock: <path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.800V8l2.200 1.500" />,
  coin: (
    <path d="M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM9.800 6.200C9.400 5.500 8.800 5.200 8 5.200c-1 0-1.800.5-1.800 1.300 0 2 3.700.9 3.700 2.900 0 .8-.8 1.400-1.900 1.400-.9 0-1.600-.4-2-1.100M8 4.200v7.600" />
  ),
  collapse: <path d="M9.500 4 5.500 8l4 4M13 4v8" />,
  columns: <path d="M2.5 3.500h11v9h-11zM6.200 3.500v9M9.800 3.500v9" />,
  compare: <path d="M6 2.500H2.500v11H6M10 2.500h3.500v11H10M8 1.500v13" />,
  database: (
    <path d="M3 4.200C3 3.200 5.200 2.500 8 2.500s5 .7 5 1.700-2.200 1.700-5 1.700-5-.7-5-1.700ZM3 4.200v7.600c0 1 2.200 1.700 5 1.700s5-.7 5-1.700V4.200M3 8c0 1 2.200 1.700 5 1.700S13 9 13 8" />
  ),
  down: <path d="M8 3v10m-4-4 4 4 4-4" />,
  external: <path d="M9.500 2.500h4v4M13.500 2.500 8 8M6.500 3.500h-4v10h10v-4" />,
  filter: <path d="M2 4h12M4.500 8h7M7 12h2" />,
  gantt: <path d="M2.500 4h6M5.500 8h7M9 12h4.500" />,
  gauge: <path d="M2.500 11.500a5.800 5.800 0 1 1 11 0M8 10.500l2.800-3.700" />,
  layers: <path d="m8 2 6 3.200-6 3.200-6-3.200L8 2ZM2 8.200l6 3.200 6-3.200M2 11l6 3.200 6-3.200" />,
  list: <path d="M5.5 4h8M5.500 8h8M5.500 12h8M2.500 4h.01M2.500 8h.01M2.500 12h.01" />,
  menu: <path d="M2.500 4.500h11M2.500 8h11M2.500 11.500h11" />,
  minus: <path d="M3.500 8h9" />,
  panel: <path d="M2.500 3h11v10h-11zM9.500 3v10" />,
  pause: <path d="M5.500 3.500v9m5-9v9" />,
  play: <path d="M5 3v10l8-5-8-5Z" />,
  people: (
    <path d="M6 7.500A2.300 2.300 0 1 0 6 3a2.300 2.300 0 0 0 0 4.500ZM1.800 13c.3-2.200 2-3.500 4.200-3.500s3.900 1.300 4.200 3.500M10.500 3.200a2.300 2.300 0 0 1 0 4.200M12 9.800c1.300.5 2 1.600 2.200 3.200" />
  ),
  plus: <path d="M8 3.500v9M3.500 8h9" />,
  settings: <path d="M2.500 4.500h6m3 0h2M2.500 11.500h2m3 0h6M10 3v3M6 10v3" />,
  speech: <path d="M2.500 3h11v8H7l-3 2.500V11H2.500z" />,
  star: <path d="m8 2.200 1.800 3.700 4 .6-2.900 2.800.7 4L8 11.400l-3.600 1.900.7-4L2.200 6.500l4-.6L8 2.200Z" />,
  table: <path d="M2.500 3.500h11v9h-11zM2.500 6.500h11M6.500 6.500v6" />,
  thumbDown: (
    <path d="M5 3v6.500L7.800 14c1 0 1.700-.8 1.500-1.800L8.900 10h3.600c.8 0 1.400-.7 1.200-1.500l-1-4.500c-.2-.6-.7-1-1.300-1H5Zm0 0H2.500v6.500H5" />
  ),
  thumbUp: (
    <path d="M5 13V6.500L7.800 2c1 0 1.700.8 1.500 1.800L8.900 6h3.600c.8 0 1.400.7 1.200 1.500l-1 4.500c-.2.600-.7 1-1.300 1H5Zm0 0H2.500V6.500H5" />
  ),
  tree: <path d="M3 2.500v9.500h3.500M3 6.500h3.500M8.500 5h5v3h-5zM8.500 10.500h5v3h-5z" />,
  up: <path d="M8 13V3M4 7l4-4 4 4" />,
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
