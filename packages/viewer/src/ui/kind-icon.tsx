import type { CSSProperties } from "react";
import type { ObservationType } from "../api/types.ts";
import { KindGlyph } from "./icons.tsx";
import styles from "./kind-icon.module.css";

export function kindStyle(type: ObservationType): CSSProperties {
  return { "--kind": `var(--kind-${type}, var(--kind-span))` };
}

export function KindIcon({ type }: { type: ObservationType }) {
  return (
    <span className={styles["kind"]} style={kindStyle(type)} title={type}>
      <KindGlyph type={type} />
      <span className="sr-only">{type}</span>
    </span>
  );
}
