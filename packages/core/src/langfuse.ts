export { langfuse, type LangfuseExporterOptions } from "./exporters/langfuse.ts";
