/** `Date`, `Generator`, `Blob`: what a value calls itself, of this or another realm. Throws for a revoked proxy. */
export function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}
