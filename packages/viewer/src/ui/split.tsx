import { type PointerEvent, type ReactNode, useRef, useState } from "react";
import { readStored, writeStored } from "./storage.ts";
import styles from "./split.module.css";

const MIN_SHARE = 25;
const MAX_SHARE = 75;
const KEY_STEP = 2;

interface SplitProps {
  /** Under which name the position is remembered. */
  name: string;
  /** The left pane's share in percent while nothing is remembered. */
  initialShare: number;
  left: ReactNode;
  right: ReactNode;
  /** Which pane a phone shows. */
  phonePane: "left" | "right";
}

/** Two panes with a handle between them, for pointer and keyboard (WAI-ARIA window splitter). */
export function Split({ name, initialShare, left, right, phonePane }: SplitProps) {
  const root = useRef<HTMLDivElement>(null);
  const [share, setShare] = useState(() => clampShare(Number(readStored(`split.${name}`) ?? initialShare)));
  const [isDragging, setIsDragging] = useState(false);

  const move = (next: number): void => {
    setShare(clampShare(next));
    writeStored(`split.${name}`, clampShare(next).toFixed(1));
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>): void => {
    const box = root.current?.getBoundingClientRect();
    if (isDragging && box !== undefined) move(((event.clientX - box.left) / box.width) * 100);
  };
  return (
    <div ref={root} className={styles["split"]} style={{ "--share": `${share}%` }}>
      <div className={styles["pane"]} data-hidden={phonePane === "right" || undefined}>
        {left}
      </div>
      {/* A focusable separator is a widget: it is the splitter's role. */}
      <div
        role="separator"
        tabIndex={0}
        aria-label="Resize the panes"
        aria-orientation="vertical"
        aria-valuenow={Math.round(share)}
        aria-valuemin={MIN_SHARE}
        aria-valuemax={MAX_SHARE}
        className={styles["handle"]}
        data-dragging={isDragging || undefined}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          event.preventDefault();
          setIsDragging(true);
        }}
        onPointerMove={onPointerMove}
        onPointerUp={() => setIsDragging(false)}
        onPointerCancel={() => setIsDragging(false)}
        onDoubleClick={() => move(initialShare)}
        onKeyDown={(event) => {
          if (event.key === "ArrowLeft") move(share - KEY_STEP);
          else if (event.key === "ArrowRight") move(share + KEY_STEP);
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <div className={styles["pane"]} data-hidden={phonePane === "left" || undefined}>
        {right}
      </div>
    </div>
  );
}

function clampShare(share: number): number {
  return Number.isFinite(share) ? Math.min(MAX_SHARE, Math.max(MIN_SHARE, share)) : 50;
}
