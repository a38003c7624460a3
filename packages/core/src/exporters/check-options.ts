import { SpanwiseConfigError } from "../errors.ts";
import { refuse } from "../util/check.ts";
import { safely } from "../util/safely.ts";
import type { OtlpProtocol } from "./otlp/lane.ts";

const HEADER_NAME = /^[!#$%&'*+\-.^_`|~\w]+$/;
/** What no header may hold: control characters, above all line breaks, and what is no byte. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const FORBIDDEN = /[^\t\x20-\x7e\x80-\xff]/;

/** Lower-case names. @throws SpanwiseConfigError for what cannot be a header, by name alone. */
export function checkHeaders(headers: Readonly<Record<string, string>>, where: string): Record<string, string> {
  // `Headers` and `Map` show no fields.
  if (!safely(where, () => typeof headers === "object" && !(Symbol.iterator in headers))) {
    refuse(where, "an object of texts", headers);
  }
  const checked: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!HEADER_NAME.test(name)) throw new SpanwiseConfigError(`${where}: "${name}" is no name of a header`);
    if (typeof value !== "string" || FORBIDDEN.test(value)) {
      throw new SpanwiseConfigError(`${where}: the value of "${name}" cannot be a header's`);
    }
    checked[name.toLowerCase()] = value;
  }
  return checked;
}

export function checkProtocol(value: string, where: string): OtlpProtocol {
  if (value === "http/protobuf" || value === "http/json") return value;
  if (value === "grpc") {
    throw new SpanwiseConfigError(
      `${where}: gRPC is not supported. Use "http/protobuf", on port 4318 in place of 4317`,
    );
  }
  return refuse(where, '"http/protobuf" or "http/json"', value);
}
