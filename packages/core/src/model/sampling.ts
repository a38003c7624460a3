const RANGE = 0x1_0000_0000;

/**
 * Whether a trace is kept, told from its id alone, so that every process of one trace decides alike. The last eight
 * hex digits are used: they are random in W3C ids, also where the first carry a time.
 */
export function isSampled(traceId: string, sampleRate: number): boolean {
  if (sampleRate >= 1) return true;
  if (sampleRate <= 0) return false;
  return Number.parseInt(traceId.slice(-8), 16) < sampleRate * RANGE;
}
