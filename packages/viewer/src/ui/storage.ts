/** Small preferences. Storage may be forbidden or full; the viewer then forgets, and works. */
export function readStored(key: string): string | null {
  try {
    return localStorage.getItem(`spanwise.${key}`);
  } catch {
    // Forbidden storage reads as "nothing stored".
    return null;
  }
}

export function writeStored(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`spanwise.${key}`);
    else localStorage.setItem(`spanwise.${key}`, value);
  } catch {
    // A preference that cannot be kept lasts until the page is left.
  }
}
