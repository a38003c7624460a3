/**
 * Property tests draw the same cases each time, so that what fails in CI is what was changed. `npm run test:matrix` draws new ones; a seed of one's
 * own is given as `PROPERTY_SEED=5 npx vitest run …`.
 */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 1) });
