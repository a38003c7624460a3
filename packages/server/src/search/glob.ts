/**
 * `*` stands for any characters. Each part between stars is looked for once, from the left, which is enough; a regular expression
 * would try all ways to cut the text, and take years for some patterns.
 *
 * @param parts the pattern, cut at its stars.
 */
export function matchesGlob(parts: readonly string[], text: string): boolean {
  const [head = "", ...rest] = parts;
  const tail = rest.pop();
  if (tail === undefined) return text === head;
  if (!text.startsWith(head)) return false;
  let at = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - tail.length >= at && text.endsWith(tail);
}
