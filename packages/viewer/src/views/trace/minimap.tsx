import { memo, type PointerEvent, useMemo, useRef, useState } from "react";
import { statusOf, type TraceModel, typeOf } from "../../trace/model.ts";
import { inside, minimapBars } from "../../trace/zoom.ts";
import { useDrawnZoom, type ZoomControl } from "./use-zoom.ts";
import styles from "./minimap.module.css";

const LINES = 16;

/** A drag shorter than this share of the map is a click, which moves the window there. */
const CLICK_SHARE = 0.006;

interface MinimapProps {
  model: TraceModel;
  control: ZoomControl;
  width: number;
}

/** The whole trace in small. Dragging over it zooms there, dragging the window moves it, a double click fits. */
export function Minimap({ model, control, width }: MinimapProps) {
  const { set } = control;
  const { whole } = control.state;
  const { isFit, ...zoom } = useDrawnZoom(control);
  const root = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ kind: "brush" | "move"; from: number; to: number } | null>(null);
  const span = whole.to - whole.from;
  const shareAt = (event: PointerEvent): number => {
    const box = root.current?.getBoundingClientRect();
    return box === undefined || box.width === 0 ? 0 : Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  const [left, right] = [(zoom.from - whole.from) / span, (zoom.to - whole.from) / span];
  return (
    <div
      ref={root}
      className={styles["map"]}
      style={{ width }}
      title="Drag to zoom, double-click to fit"
      onDoubleClick={() => set(whole)}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        const at = shareAt(event);
        setDrag({ kind: !isFit && at > left && at < right ? "move" : "brush", from: at, to: at });
      }}
      onPointerMove={(event) => {
        if (drag === null) return;
        const at = shareAt(event);
        setDrag({ ...drag, to: at });
        if (drag.kind === "move") {
          const by = (at - drag.to) * span;
          set(inside({ from: zoom.from + by, to: zoom.to + by }, whole));
        }
      }}
      onPointerUp={() => {
        if (drag?.kind === "brush") {
          const [from, to] = [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)];
          if (to - from > CLICK_SHARE) set({ from: whole.from + from * span, to: whole.from + to * span });
          else if (!isFit) {
            const half = (zoom.to - zoom.from) / 2;
            const at = whole.from + from * span;
            set(inside({ from: at - half, to: at + half }, whole));
          }
        }
        setDrag(null);
      }}
      onPointerCancel={() => setDrag(null)}
    >
      <MinimapBars model={model} />
      {!isFit && (
        <>
          <span className={styles["outside"]} style={{ left: 0, width: `${left * 100}%` }} />
          <span className={styles["outside"]} style={{ right: 0, width: `${(1 - right) * 100}%` }} />
          <span className={styles["window"]} style={{ left: `${left * 100}%`, width: `${(right - left) * 100}%` }} />
        </>
      )}
      {drag?.kind === "brush" && (
        <span
          className={styles["brush"]}
          style={{ left: `${Math.min(drag.from, drag.to) * 100}%`, width: `${Math.abs(drag.to - drag.from) * 100}%` }}
        />
      )}
    </div>
  );
}

/** Narrower bars would not be seen. */
const MIN_SHARE = 0.0015;

/** One path a colour, as a bar each would be thousands of elements. */
const MinimapBars = memo(function MinimapBars({ model }: { model: TraceModel }) {
  const paths = useMemo(() => {
    const byColor = new Map<string, string>();
    for (const { index, line, left, width } of minimapBars(model, LINES)) {
      const color =
        statusOf(model, index) === "error" ? "var(--error)" : `var(--kind-${typeOf(model, index)}, var(--kind-span))`;
      const w = Math.max(MIN_SHARE, width).toFixed(4);
      byColor.set(color, `${byColor.get(color) ?? ""}M${left.toFixed(4)} ${line + 0.15}h${w}v.7h-${w}z`);
    }
    return [...byColor];
  }, [model]);
  return (
    <svg viewBox={`0 0 1 ${LINES}`} preserveAspectRatio="none" aria-hidden="true">
      {paths.map(([color, d]) => (
        <path key={color} d={d} fill={color} />
      ))}
    </svg>
  );
});
