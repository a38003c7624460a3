/** They turn the order of what follows: `x<U+202E>gnp.exe` looks like `xexe.png`. Marks that only help mixed text (U+200E, U+200F) stay. */
const TURNING = /[\u202A-\u202E\u2066-\u2069]/g;

/** Text that others wrote, as it really is: characters that would reorder it are named instead. */
export function visibleText(text: string): string {
  return text.replace(TURNING, (char) => `⟨U+${char.charCodeAt(0).toString(16).toUpperCase()}⟩`);
}
