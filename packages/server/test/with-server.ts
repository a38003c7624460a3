import { createServer, type ServerOptions, type SpanwiseServer } from "../src/index.ts";

/** On any free port; without a database file unless `options` name one. */
export async function withServer(
  options: ServerOptions,
  use: (server: SpanwiseServer) => Promise<void>,
): Promise<void> {
  const server = await createServer({ port: 0, db: ":memory:", ...options });
  try {
    await use(server);
  } finally {
    await server.close();
  }
}
