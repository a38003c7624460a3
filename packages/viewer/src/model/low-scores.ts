/** The traces whose score of this name is below a value. */
export function lowScoreQuery(name: string, below: number): string {
  return `scores.${scoreKey(name)}:<${below}`;
}

/** A score's name as the language writes keys: quoted where it is more than letters, digits, dots and dashes. */
export function scoreKey(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : JSON.stringify(name);
}
