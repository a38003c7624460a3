import styles from "./code-block.module.css";
import { CopyButton } from "./copy-button.tsx";

export function CodeBlock({ code, wrap = false }: { code: string; wrap?: boolean }) {
  return (
    <div className={`${styles["block"]} ${wrap ? styles["wrap"] : ""}`}>
      {/* Focusable, as it may scroll sideways. */}
      <pre tabIndex={0}>{code}</pre>
      <div className={styles["copy"]}>
        <CopyButton text={code} label="Copy" />
      </div>
    </div>
  );
}
