/** Does the work and records nothing: what every other figure is compared with. */
export const label = "no tracing";

export function setUp() {
  return {
    run() {},
    generation() {},
    wrap: (client) => client,
    langChainCallbacks: async () => [],
    async flush() {},
    async shutdown() {},
  };
}
