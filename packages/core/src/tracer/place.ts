import { activeContext, type ContextStore } from "../context/context.ts";
import { activeOpenTelemetrySpan } from "../interop/opentelemetry.ts";
import { createTraceIdRandom, isObservationId, isTraceId } from "../model/ids.ts";
import { isSampled } from "../model/sampling.ts";
import { mergeTraceAttributes } from "../model/trace-attributes.ts";
import type { ParentReference, TraceAttributes } from "../model/types.ts";
import type { Observation, StartOptions } from "./api.ts";
import { captureTrace } from "./capture-trace.ts";
import { RecordingHandle, SilentHandle } from "./handle.ts";

/** Where a new observation hangs. */
export interface Place {
  traceId: string;
  parentId: string | undefined;
  isAppRoot: boolean;
  sampled: boolean;
  trace: TraceAttributes | undefined;
  /** Estimated bytes of the trace attributes that came with this observation. */
  ownTraceBytes: number;
}

/** The parent that was given, else the active observation, a continued trace, OpenTelemetry's span; else a root. */
export function placeOf(
  parent: StartOptions["parent"],
  trace: TraceAttributes | undefined,
  tracerId: string,
  sampleRate: number,
): Place {
  const own = trace && captureTrace(trace, 0);
  const place = placeUnder(parent, own?.attributes, tracerId, sampleRate);
  if (own) place.ownTraceBytes = own.bytes;
  // The observations under it share what the context carries.
  if (place.parentId === undefined || place.isAppRoot) place.ownTraceBytes += activeContext()?.propagatedBytes ?? 0;
  return place;
}

function placeUnder(
  parent: StartOptions["parent"],
  own: TraceAttributes | undefined,
  tracerId: string,
  sampleRate: number,
): Place {
  const context = contextOf(tracerId);
  const isOurs = context?.traceId !== undefined && context.tracerId === tracerId;
  if (parent === undefined && isOurs) {
    return under(context.traceId, context.observationId!, context.sampled !== false, context.trace, own);
  }
  if (parent instanceof RecordingHandle || parent instanceof SilentHandle) {
    // Attributes of the context belong to the parent's trace unless the context is another trace's.
    const ambient = context?.traceId === undefined || context.traceId === parent.traceId ? context?.trace : undefined;
    const inherited = parent instanceof RecordingHandle ? parent.traceAttributes : undefined;
    return under(parent.traceId, parent.id, parent.sampled, mergeTraceAttributes(inherited, ambient), own);
  }
  const foreign = parent === undefined ? (context?.remote ?? activeOpenTelemetrySpan()) : toReference(parent);
  const known = foreign && isReference(foreign) ? foreign : undefined;
  const traceId = known?.traceId ?? createTraceIdRandom();
  const parentId = known?.observationId;
  return {
    traceId,
    parentId,
    isAppRoot: parentId !== undefined,
    sampled: known?.sampled ?? isSampled(traceId, sampleRate),
    trace: mergeTraceAttributes(context?.propagated, own),
    ownTraceBytes: 0,
  };
}

function isReference({ traceId, observationId }: ParentReference): boolean {
  return isTraceId(traceId) && (observationId === undefined || isObservationId(observationId));
}

function under(
  traceId: string,
  parentId: string,
  sampled: boolean,
  inherited: TraceAttributes | undefined,
  own: TraceAttributes | undefined,
): Place {
  const trace = mergeTraceAttributes(inherited, own);
  return { traceId, parentId, isAppRoot: false, sampled, trace, ownTraceBytes: 0 };
}

/** The context in which `observation` is the active one. Throws for what is no observation. */
export function contextUnder(observation: Observation, tracerId: string): ContextStore {
  const context = activeContext();
  const isOtherTracers = context?.tracerId !== undefined && context.tracerId !== tracerId;
  const { traceId, id: observationId } = observation;
  const own = observation instanceof RecordingHandle ? observation.traceAttributes : undefined;
  const ambient = context?.traceId === traceId ? context.trace : context?.propagated;
  return {
    ...context,
    traceId,
    observationId,
    sampled: observation instanceof SilentHandle ? observation.sampled : observation.recording,
    tracerId,
    trace: mergeTraceAttributes(ambient, own),
    claim: undefined,
    outer: isOtherTracers ? context : context?.outer,
  };
}

/** What the context says for one tracer: the innermost observation of its own, under those of others. */
export function contextOf(tracerId: string): ContextStore | undefined {
  const context = activeContext();
  for (let at = context; at; at = at.outer) if (at.tracerId === tracerId) return at;
  return context;
}

function toReference(parent: StartOptions["parent"]): ParentReference | undefined {
  if (!parent) return undefined;
  if (!("id" in parent)) return parent;
  // A handle of another copy of this package.
  return { traceId: parent.traceId, observationId: parent.id, sampled: parent.recording };
}
