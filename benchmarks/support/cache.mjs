/** Where peers and prepared payloads are kept between runs. */
import { tmpdir } from "node:os";
import { join } from "node:path";

export const cacheFolder = join(tmpdir(), "spanwise-benchmarks");
