import type { AliasTable } from "../table.ts";

/** OpenTelemetry's general attributes: read last. */
export const GENERIC_TABLE: AliasTable = {
  convention: "opentelemetry",
  edition: "1.41",
  fields: {
    userId: [{ key: "user.id" }, { key: "enduser.id" }],
    sessionId: [{ key: "session.id" }],
    environment: [{ key: "deployment.environment.name" }, { key: "deployment.environment" }],
    version: [{ key: "service.version" }],
  },
};
