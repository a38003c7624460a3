import { formatTick } from "../../model/format.ts";
import { timeTicks } from "../../trace/ticks.ts";
import buttons from "../../ui/button.module.css";
import { Icon } from "../../ui/icons.tsx";
import { useDrawnZoom, type ZoomControl } from "./use-zoom.ts";
import styles from "./timeline-view.module.css";

interface AxisProps {
  control: ZoomControl;
  /** Of the lanes, in CSS pixels. */
  width: number;
}

/** A label that begins closer to the end than this would be cut. */
const LABEL_PX = 36;

/** Offsets since the start of the trace, at round numbers. */
export function TimelineAxis({ control, width }: AxisProps) {
  return (
    <div className={styles["axis"]} aria-hidden="true">
      {timeTicks(useDrawnZoom(control), width).map((tick) => (
        <span
          key={tick.offsetMs}
          data-last={tick.at * width > width - LABEL_PX || undefined}
          style={{ transform: `translateX(${tick.at * width}px)` }}
        >
          {formatTick(tick.offsetMs)}
        </span>
      ))}
    </div>
  );
}

/** The axis' lines behind the rows. */
export function TimelineGrid({ control, width }: AxisProps) {
  return (
    <div className={styles["grid"]} aria-hidden="true">
      {timeTicks(useDrawnZoom(control), width).map((tick) => (
        <i key={tick.offsetMs} style={{ transform: `translateX(${tick.at * width}px)` }} />
      ))}
    </div>
  );
}

export function ZoomButtons({ control }: { control: ZoomControl }) {
  const { isFit } = useDrawnZoom(control);
  return (
    <>
      <button
        type="button"
        className={buttons["icon"]}
        title="Zoom in (+)"
        aria-label="Zoom in"
        onClick={control.zoomIn}
      >
        <Icon name="plus" size={12} />
      </button>
      <button
        type="button"
        className={buttons["icon"]}
        title="Zoom out (-)"
        aria-label="Zoom out"
        disabled={isFit}
        onClick={control.zoomOut}
      >
        <Icon name="minus" size={12} />
      </button>
    </>
  );
}
