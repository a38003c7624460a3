const stopWords = new Set(
  (
    "a about above after all also am an and any are as at be been before being both but by can could did do does doing done each for from " +
    "get give had has have he her here him his how i if in into is it its just know let like make many me more most much my no not " +
    "now of often on one only or other our out over please say she should so some such tell than that the their them then there these " +
    "they this those to too up us use used using very want was we were what when where which while who why will with would you your"
  ).split(" "),
);

export function isStopWord(word: string): boolean {
  return stopWords.has(word);
}

/** Lower-case words; `camelCase`, `snake_case` and `kebab-case` come apart. */
export function words(text: string): string[] {
  return (
    text
      .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, "$1 $2")
      .toLowerCase()
      .match(/[\p{L}\d]+/gu) ?? []
  );
}

/** A light suffix stripper: enough that "masking", "masks" and "masked" meet. */
export function stem(word: string): string {
  if (word.length <= 3 || !/^[a-z]+$/.test(word)) return word;
  const stripped = word
    .replace(/(ations?|ings?|ies|ied|edly|ed|es|s|ly|ers?)$/, (suffix) => (suffix.startsWith("ie") ? "y" : ""))
    .replace(/([b-df-hj-np-tv-z])\1$/, "$1")
    .replace(/e$/, "");
  return stripped.length >= 3 ? stripped : word;
}

/** Stems of the words that carry meaning, in order, with repetitions. */
export function keywords(text: string): string[] {
  return words(text)
    .filter((word) => !stopWords.has(word))
    .map(stem);
}

/** Sentences and list items; headings and code fences are left out. */
export function sentences(text: string): string[] {
  const blocks = text.replaceAll(/```[\s\S]*?(```|$)/g, "\n\n").split(/\n\s*\n|\n(?=\s*(?:[-*|#]|\d+\.)\s?)/);
  return (
    blocks
      .filter((block) => !/^\s*(#|\|?\s*-{3})/.test(block))
      .flatMap((block) =>
        block
          .replace(/^\s*(?:[-*]|\d+\.)\s+/, "")
          .replaceAll(/\s+/g, " ")
          .split(/(?<=[.!?])\s+(?=[\p{Lu}\d"'`([])/u),
      )
      .map((sentence) => sentence.trim())
      // A question does not answer one.
      .filter((sentence) => /[\p{L}\d]{2}/u.test(sentence) && !sentence.endsWith("?"))
  );
}
