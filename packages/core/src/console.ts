import { console } from "./exporters/console/console.ts";
import { registerExporter } from "./exporters/named.ts";

registerExporter("console", () => console());

export { console, console as consoleExporter, type ConsoleExporterOptions } from "./exporters/console/console.ts";
