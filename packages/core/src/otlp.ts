import { registerExporter } from "./exporters/named.ts";
import { otlp } from "./exporters/otlp.ts";

registerExporter("otlp", () => otlp());

export { otlp, type OtlpExporterOptions } from "./exporters/otlp.ts";
export type { OtlpCompression } from "./exporters/otlp-environment.ts";
export type { OtlpProtocol } from "./exporters/otlp/lane.ts";
