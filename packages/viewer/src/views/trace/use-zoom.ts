import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useSearchParams } from "wouter";
import { fit, isWhole, panBy, parseZoom, type Zoom, zoomBy, zoomText } from "../../trace/zoom.ts";
import { useEvent } from "../../ui/use-event.ts";
import { withParameter } from "../../ui/url.ts";
import { ZoomState } from "./zoom-state.ts";

/** The address follows when the wheel rests: browsers allow few changes in a row. */
const WRITE_AFTER_MS = 250;

/** A wheel's notch is about 100 units. */
const ZOOM_PER_UNIT = 1.0022;

/** The same object for the component's life: what draws the zoom subscribes to its state. */
export interface ZoomControl {
  state: ZoomState;
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
  const [state] = useState(() => new ZoomState(parseZoom(params.get("z")), fit({ endMs })));
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useLayoutEffect(() => state.setWhole(fit({ endMs })), [state, endMs]);
  const set = useEvent((next: Zoom): void => {
    state.set(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const text = isWhole(state.current, state.whole) ? null : zoomText(state.current);
      setParams((previous) => withParameter(previous, "z", text), { replace: true });
    }, WRITE_AFTER_MS);
  });
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      state.stop();
    },
    [state],
  );
  const onWheel = useEvent((event: WheelEvent): void => {
    const box = scroller.current?.getBoundingClientRect();
    if (box === undefined || lane.width <= 0) return;
    const { current, whole } = state;
    if (event.ctrlKey || event.metaKey) {
      const around = Math.min(1, Math.max(0, (event.clientX - box.left - lane.left) / lane.width));
      event.preventDefault();
      set(zoomBy(current, ZOOM_PER_UNIT ** event.deltaY, around, whole));
      return;
    }
    const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX;
    if (Math.abs(sideways) <= Math.abs(event.shiftKey ? 0 : event.deltaY) || isWhole(current, whole)) return;
    event.preventDefault();
    set(panBy(current, sideways / lane.width, whole));
  });
  useEffect(() => {
    const element = scroller.current;
    // React listens passively, and a zoom must not scroll or zoom the page.
    element?.addEventListener("wheel", onWheel, { passive: false });
    return () => element?.removeEventListener("wheel", onWheel);
  }, [scroller, onWheel]);
  return useMemo(() => {
    const by = (factor: number) => () => set(zoomBy(state.current, factor, 0.5, state.whole));
    return { state, set, zoomIn: by(0.5), zoomOut: by(2), fit: () => set(state.whole) };
  }, [state, set]);
}

/** The zoom as drawn; renders the caller at each step, so only what has to follow calls it. */
export function useDrawnZoom({ state }: ZoomControl): Zoom & { isFit: boolean } {
  const zoom = useSyncExternalStore(state.subscribe, state.getDrawn);
  return { ...zoom, isFit: isWhole(zoom, state.whole) };
}
