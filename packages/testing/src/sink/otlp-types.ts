/** An attribute value as JavaScript. Integers beyond 2^53 are `bigint`; bytes are a `Uint8Array`. */
export type OtlpValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Uint8Array
  | OtlpValue[]
  | { [key: string]: OtlpValue };

export type OtlpAttributes = Record<string, OtlpValue>;

export interface OtlpSpan {
  /** 32 lower-case hex digits, or whatever was sent. */
  traceId: string;
  spanId: string;
  /** `undefined` for a root. */
  parentSpanId: string | undefined;
  traceState: string;
  name: string;
  /** 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number;
  /** Nanoseconds since the epoch. */
  startTimeUnixNano: bigint;
  endTimeUnixNano: bigint;
  attributes: OtlpAttributes;
  /** Keys that were sent more than once on this span: OTLP forbids it, and the last value is the one in `attributes`. */
  duplicateKeys: string[];
  events: { name: string; timeUnixNano: bigint; attributes: OtlpAttributes }[];
  links: { traceId: string; spanId: string; attributes: OtlpAttributes }[];
  /** Status code: 0 unset, 1 ok, 2 error. */
  status: { code: number; message: string };
  flags: number;
  resource: OtlpAttributes;
  scope: { name: string; version: string; attributes: OtlpAttributes };
}

export interface OtlpExport {
  spans: OtlpSpan[];
  /** One per `ResourceSpans`. */
  resources: OtlpAttributes[];
}
