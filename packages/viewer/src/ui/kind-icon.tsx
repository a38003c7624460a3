import type { CSSProperties } from "react";
import type { ObservationType } from "../api/types.ts";
import { KindGlyph } from "./icons.tsx";
import styles from "./kind-icon.module.css";

export function kindStyle(type: ObservationType): CSSProperties {
  return { "--kind": `var(--kind-${type}, var(--kind-span))` };
}

/** `isLabelled`: what it stands in says the kind already, by its name and its colour. */
export function KindIcon({ type, isLabelled = false }: { type: ObservationType; isLabelled?: boolean }) {
  return (
    <span className={styles["kind"]} style={isLabelled ? undefined : kindStyle(type)} title={type}>
      <KindGlyph type={type} />
      {!isLabelled && <span className="sr-only">{type}</span>}
    </span>
  );
}
