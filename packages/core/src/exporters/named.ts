import type { Exporter } from "../pipeline/destination.ts";
import { slot } from "../slot.ts";

/**
 * Exporters that `SPANWISE_EXPORTERS` may name and that live in modules of their own, so that nobody carries those he does not
 * use. A module makes itself known when it is loaded; the list is the process's, so that the copy of this package that loads
 * it and the one that reads the variable need not be the same.
 */
export function registerExporter(name: string, create: () => Exporter): void {
  (slot.exporters ??= new Map()).set(name, create);
}
