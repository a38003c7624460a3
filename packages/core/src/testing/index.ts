export { memory, type MemoryExporter } from "../exporters/memory.ts";
