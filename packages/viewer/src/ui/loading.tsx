import styles from "./loading.module.css";

/** Shown only after a moment: what comes at once should not flash. */
export function LoadingPage({ label = "Loading" }: { label?: string }) {
  return (
    <div className={styles["page"]} role="status" aria-busy="true">
      <span className="sr-only">{label}</span>
      <span className={styles["line"]} aria-hidden="true" />
    </div>
  );
}

/** A trace as it will be: what belongs to all of it, the tree, and a pane beside it. */
export function LoadingTrace() {
  return (
    <div className={styles["trace"]}>
      <span className={styles["head"]} aria-hidden="true" />
      <LoadingRows rows={16} rowHeight={44} />
      <span className={styles["pane"]} aria-hidden="true" />
    </div>
  );
}

/** Rows as they will be, so that nothing moves when they come. */
export function LoadingRows({ rows, rowHeight }: { rows: number; rowHeight: number }) {
  return (
    <div className={styles["rows"]} role="status" aria-busy="true">
      <span className="sr-only">Loading</span>
      {Array.from({ length: rows }, (_, index) => (
        <span
          // Placeholders have no identity but their place.
          // oxlint-disable-next-line react/no-array-index-key
          key={index}
          className={styles["row"]}
          aria-hidden="true"
          style={{ height: rowHeight, "--name": `${38 + ((index * 37) % 34)}%` }}
        />
      ))}
    </div>
  );
}
