import { SpanwiseConfigError } from "../errors.ts";
import type { OtlpProtocol } from "./otlp/lane.ts";

const HEADER_NAME = /^[!#$%&'*+\-.^_`|~\w]+$/;
/** What no header may hold: control characters, above all line breaks, and what is no byte. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const FORBIDDEN = /[^\t\x20-\x7e\x80-\xff]/;

/** Lower-case names. @throws SpanwiseConfigError for what cannot be a header, by name alone. */
export function checkHeaders(headers: Readonly<Record<string, string>>, where: string): Record<string, string> {
  // `Headers` and `Map` show no fields.
  if (typeof headers !== "object" || Symbol.iterator in headers) {
    throw new SpanwiseConfigError(`${where} must be an object of texts`);
  }
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!HEADER_NAME.test(name)) throw new SpanwiseConfigError(`${where}: "${name}" cannot be the name of a header`);
    if (typeof value !== "string" || FORBIDDEN.test(value)) {
      throw new SpanwiseConfigError(
        `${where}: the value of "${name}" cannot be a header's. Use printable characters only`,
      );
    }
    checked[name.toLowerCase()] = value;
  }
  return checked;
}

export function checkProtocol(value: string, where: string): OtlpProtocol {
  if (value === "http/protobuf" || value === "http/json") return value;
  if (value === "grpc") {
    throw new SpanwiseConfigError(
      `${where}: gRPC is not supported. Use "http/protobuf", which collectors take on port 4318 in place of 4317`,
    );
  }
  throw new SpanwiseConfigError(`${where} must be "http/protobuf" or "http/json", got "${value}"`);
}
