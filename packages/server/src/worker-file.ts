/**
 * Where the code of a worker thread is.
 *
 * In a build the workers are entries of their own beside this code. Run from source (tests, under a loader that compiles TypeScript
 * on the main thread only), a worker of Node 20 cannot load `.ts`: the sources are transpiled, file by file, into a cache first.
 *
 * @param path of its source below `src`, without the extension.
 */
export async function locateWorker(path: string): Promise<URL> {
  // Sources that were transpiled before.
  if (import.meta.url.endsWith(".js")) return new URL(`./${path}.js`, import.meta.url);
  if (!import.meta.url.endsWith(".ts")) return new URL(`./${path.replace(/^.*\//, "")}.mjs`, import.meta.url);
  const script = new URL("../scripts/transpile-source.mjs", import.meta.url).href;
  const { transpileSource } = (await import(/* @vite-ignore */ script)) as { transpileSource: () => Promise<URL> };
  return new URL(`${path}.js`, await transpileSource());
}
