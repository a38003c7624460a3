/** The package's version; `scripts/check-packages.mjs` holds it against package.json. */
export const VERSION = "0.0.0";
