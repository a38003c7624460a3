import { defined, fieldsOf, isFields, stringOf } from "./fields.ts";

export interface DescribedError {
  aborted: boolean;
  message: string;
  /** `requestId`, `httpStatus` and `error: { status, code, type, param }`, as far as known. Never headers. */
  metadata: Record<string, unknown>;
}

/** Reads what the client threw. Structural: four majors and any number of copies have their own error classes. */
export function describeError(error: unknown): DescribedError {
  const fields = fieldsOf(error);
  const status = typeof fields["status"] === "number" ? fields["status"] : undefined;
  const details = defined({
    status,
    code: fields["code"] ?? undefined,
    type: fields["type"] ?? undefined,
    param: fields["param"] ?? undefined,
    name: error instanceof Error ? classNameOf(error) : undefined,
  });
  return {
    aborted: isAbort(error),
    message: error instanceof Error ? error.message : String(error),
    metadata: defined({
      requestId: stringOf(fields["requestID"]) ?? stringOf(fields["request_id"]) ?? requestIdOf(fields["headers"]),
      httpStatus: status,
      error: Object.keys(details).length > 0 ? details : undefined,
    }),
  };
}

/** Headers in which providers name a request. */
const REQUEST_ID_HEADERS = ["x-request-id", "apim-request-id", "request-id"] as const;

/** `headers` as a `Headers` object (openai 5 and later, any `Response`) or a plain one (errors of openai 4). */
export function requestIdOf(headers: unknown): string | undefined {
  if (!isFields(headers)) return undefined;
  for (const name of REQUEST_ID_HEADERS) {
    const value = typeof headers["get"] === "function" ? (headers as unknown as Headers).get(name) : headers[name];
    if (typeof value === "string" && value !== "") return value;
  }
  return undefined;
}

/** The caller stopped the request. `APIUserAbortError` is told by its message too: a minifier takes class names away. */
function isAbort(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    error.name === "AbortError" ||
    classNameOf(error) === "APIUserAbortError" ||
    error.message === "Request was aborted."
  );
}

function classNameOf(error: Error): string {
  return error.constructor?.name || error.name;
}

const MENTIONS_USAGE = /stream_options|include_usage/i;

/** Whether a host refused a request because of the `stream_options` that we added. */
export function isUsageRejection(error: unknown): boolean {
  const { status, message, param, error: body } = fieldsOf(error);
  if (status !== 400 && status !== 422) return false;
  return [message, param, safeJson(body)].some((text) => typeof text === "string" && MENTIONS_USAGE.test(text));
}

function safeJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    // A body that has no JSON names no field.
    return undefined;
  }
}
