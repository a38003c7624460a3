import { type RefObject, useEffect, useRef, useState } from "react";
import { useSearchParams } from "wouter";
import { fit, inside, isWhole, panBy, parseZoom, type Zoom, zoomBy, zoomText } from "../../trace/zoom.ts";
import { useEvent } from "../../ui/use-event.ts";
import { withParameter } from "../../ui/url.ts";

/** The address follows when the wheel rests: browsers allow few changes in a row. */
const WRITE_AFTER_MS = 250;

/** A wheel's notch is about 100 units. */
const ZOOM_PER_UNIT = 1.0022;

export interface ZoomControl {
  zoom: Zoom;
  whole: Zoom;
  isFit: boolean;
  set: (zoom: Zoom) => void;
  zoomIn: () => void;
  zoomOut: () => void;
  fit: () => void;
}

/** What of the trace's time the timeline shows: by wheel, keys, minimap and address. */
export function useZoom(
  endMs: number,
  scroller: RefObject<HTMLElement | null>,
  lane: { left: number; width: number },
): ZoomControl {
  const [params, setParams] = useSearchParams();
  const [chosen, setChosen] = useState(() => parseZoom(params.get("z")));
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const whole = fit({ endMs });
  const zoom = chosen === null ? whole : inside(chosen, whole);
  const set = useEvent((next: Zoom): void => {
    const isFit = isWhole(next, whole);
    setChosen(isFit ? null : next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setParams((previous) => withParameter(previous, "z", isFit ? null : zoomText(next)), { replace: true });
    }, WRITE_AFTER_MS);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  const onWheel = useEvent((event: WheelEvent): void => {
    const box = scroller.current?.getBoundingClientRect();
    if (box === undefined || lane.width <= 0) return;
    if (event.ctrlKey || event.metaKey) {
      const around = Math.min(1, Math.max(0, (event.clientX - box.left - lane.left) / lane.width));
      event.preventDefault();
      set(zoomBy(zoom, ZOOM_PER_UNIT ** event.deltaY, around, whole));
      return;
    }
    const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
    if (Math.abs(sideways) <= Math.abs(event.shiftKey ? 0 : event.deltaY) || isWhole(zoom, whole)) return;
    event.preventDefault();
    set(panBy(zoom, sideways / lane.width, whole));
  });
  useEffect(() => {
    const element = scroller.current;
    // React listens passively, and a zoom must not scroll or zoom the page.
    element?.addEventListener("wheel", onWheel, { passive: false });
    return () => element?.removeEventListener("wheel", onWheel);
  }, [scroller, onWheel]);
  return {
    zoom,
    whole,
    isFit: isWhole(zoom, whole),
    set,
    zoomIn: () => set(zoomBy(zoom, 0.5, 0.5, whole)),
    zoomOut: () => set(zoomBy(zoom, 2, 0.5, whole)),
    fit: () => set(whole),
  };
}
