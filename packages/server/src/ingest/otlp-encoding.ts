export const MIME_PROTOBUF = "application/x-protobuf";

/** OTLP's media type without parameters; protobuf under its registered name is the same. `undefined` when there is no header. */
export function mimeOf(contentType: string | undefined): string | undefined {
  const mime = contentType?.split(";")[0]?.trim().toLowerCase();
  return mime === "application/protobuf" ? MIME_PROTOBUF : mime;
}
