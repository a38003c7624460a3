import type { DecodedSpans, OtlpSpan } from "./otlp-span.ts";

/**
 * Events kept of one span, and links: almost 80 times what OpenTelemetry's SDKs send at most by default (128). An agent's whole conversation,
 * an event a message, is far below. Each costs some microseconds and up to a hundred bytes for two that it takes on the wire.
 */
export const MAX_SPAN_PARTS = 10_000;
/** Of those, the last ones: they tell how the span ended. */
const LAST_KEPT = 1000;
const FIRST_KEPT = MAX_SPAN_PARTS - LAST_KEPT;

/** Adds one to those that are kept, as the last of them. @param cut how many were not kept before it. @returns how many now. */
export function pushPart<T>(parts: T[], part: T, cut: number): number {
  if (parts.length < MAX_SPAN_PARTS) {
    parts.push(part);
    return 0;
  }
  parts[FIRST_KEPT + (cut % LAST_KEPT)] = part;
  return cut + 1;
}

/** When all of a span is read: what is kept of it in order, and what is not among what was dropped. */
export function closeParts(span: OtlpSpan): void {
  span.events = partsInOrder(span.events, span.cutEvents);
  span.links = partsInOrder(span.links, span.cutLinks);
  span.droppedEventsCount = addCut(span.droppedEventsCount, span.cutEvents);
  span.droppedLinksCount = addCut(span.droppedLinksCount, span.cutLinks);
}

function partsInOrder<T>(parts: T[], cut: number): T[] {
  if (cut === 0) return parts;
  const oldest = FIRST_KEPT + (cut % LAST_KEPT);
  return [...parts.slice(0, FIRST_KEPT), ...parts.slice(oldest), ...parts.slice(FIRST_KEPT, oldest)];
}

/** Those that {@link pushPart} would have kept of a list. */
export function keptParts<T>(parts: T[]): T[] {
  return parts.length <= MAX_SPAN_PARTS ? parts : [...parts.slice(0, FIRST_KEPT), ...parts.slice(-LAST_KEPT)];
}

/** What a sender left out itself and what was cut here; a number of 32 bits, as OTLP has it. */
export function addCut(dropped: number, cut: number): number {
  return Math.min(dropped + cut, 2 ** 32 - 1);
}

/** Takes a sound span up; the sender is told of what was left out. */
export function addSpan(decoded: DecodedSpans, span: OtlpSpan): void {
  decoded.spans.push(span);
  const { cutEvents, cutLinks } = span;
  if (cutEvents + cutLinks === 0) return;
  decoded.cutParts += cutEvents + cutLinks;
  const kept = `of each the first ${FIRST_KEPT} and the last ${LAST_KEPT} are kept`;
  decoded.reason ??= `span "${span.name.slice(0, 80)}": ${cutEvents} events and ${cutLinks} links were left out, ${kept}`;
}
