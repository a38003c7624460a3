/** Every event carries its number in its input and in its output, in letters that no encoding of text changes. */
export const MARKER = /(in|out)q(\d+)q/g;

export const inputMarker = (event) => `inq${event}q`;
export const outputMarker = (event) => `outq${event}q`;
