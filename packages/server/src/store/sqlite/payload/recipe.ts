/**
 * How a text is put together again: literals, and blobs by id. Two blobs in a row have a comma between them, as messages have in
 * compact JSON; one that is written with a minus stands as close as a literal. A list in place of an id names a blob that is itself a
 * recipe: what many turns of a conversation have in common.
 * Kept as JSON in a column of type BLOB, where a short text is kept as it is, in type TEXT.
 */
export type Recipe = (string | number | [group: number])[];

export function encodeRecipe(recipe: Recipe): Buffer {
  return Buffer.from(JSON.stringify(recipe));
}

/** @param bytes a buffer, or what libsql makes of one in `all` and `iterate`. */
export function decodeRecipe(bytes: Uint8Array | ArrayBuffer): Recipe {
  return JSON.parse(new TextDecoder().decode(bytes)) as Recipe;
}

/** @param read gives a blob's text. @param maxChars stop when there is as much; the text is then not whole. */
export function assemble(recipe: Recipe, read: (id: number) => string, maxChars = Number.POSITIVE_INFINITY): string {
  let text = "";
  let afterBlob = false;
  for (const item of recipe) {
    if (text.length >= maxChars) break;
    if (typeof item === "string" || (typeof item === "number" && item < 0)) {
      text += typeof item === "string" ? item : read(-item);
      afterBlob = false;
      continue;
    }
    if (afterBlob) text += ",";
    if (typeof item === "number") text += read(item);
    else text += assemble(JSON.parse(read(item[0])) as Recipe, read, maxChars - text.length);
    afterBlob = true;
  }
  return text;
}
