import { join } from "node:path";
import { build } from "esbuild";
import type { Consumer } from "./consumer.ts";

/** Export conditions as `wrangler` and the bundlers of web pages set them. */
const CONDITIONS = { workerd: ["workerd", "worker", "browser"], browser: ["browser"] } as const;

/** One ES module of a consumer's file and all that it imports. What the runtime itself has stays an import. */
export async function bundle(
  consumer: Consumer,
  entry: string,
  platform: keyof typeof CONDITIONS,
  resolveDir = consumer.folder,
): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir, loader: "js" },
    nodePaths: [join(consumer.folder, "node_modules")],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    conditions: [...CONDITIONS[platform], "import"],
    external: ["node:*", "cloudflare:*"],
    logLevel: "silent",
  });
  return outputFiles[0]!.text;
}
