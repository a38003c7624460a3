/** `GET|POST /api/projects`, `PATCH /api/projects/:id` with `{ name }`. The id stays what it is: it is part of addresses. */
export interface Project {
  id: string;
  name: string;
  createdAt: number;
}

/** `DELETE /api/projects/:id?name=`, which names the project as it is called, else 400; 409 for the default one, which stays. */
export interface DeletedProject {
  /** Deleted with it. */
  traces: number;
}

/** `GET|POST /api/projects/:id/keys`, `DELETE /api/projects/:id/keys/:publicKey`. Only a hash of the secret is stored. */
export interface ApiKey {
  publicKey: string;
  /** The secret's last four characters, to tell keys apart. */
  secretHint: string;
  note: string | null;
  createdAt: number;
  lastUsedAt: number | null;
}

/** The answer to `POST` alone shows the secret, once. */
export interface CreatedApiKey extends ApiKey {
  secretKey: string;
}

/** `GET|PUT /api/settings/retention` */
export interface RetentionSettings {
  /** Traces older than this many days are deleted; `null` keeps them. */
  maxAgeDays: number | null;
  /** The oldest traces go when the database file is larger, in bytes; `null` sets no limit. */
  maxBytes: number | null;
}

/** `POST /api/prune`, with {@link RetentionSettings}: deletes by these limits, once and for a minute at most. */
export interface PruneResponse {
  /** Deleted ones, of all projects. */
  traces: number;
  /** `false`: there is more to delete, ask again. */
  isDone: boolean;
}

/** `GET|POST /api/prices`, `DELETE /api/prices/:id`: prices of the project's own, looked at before the library's. */
export interface CustomPrice {
  id: string;
  /** A model name; `*` stands for any characters. Compared without case. */
  match: string;
  provider: string | null;
  /** US dollars a million tokens, by usage bucket: `input`, `output`, `input_cached_tokens`, ... */
  prices: Record<string, number>;
  createdAt: number;
}

/** `POST /api/prices/reprice`: costs of what is stored, computed anew; those that a sender gave stay. */
export interface RepriceResponse {
  traces: number;
  observations: number;
  /** Observations whose cost is another one now. */
  changed: number;
}

/** `GET /api/status`: what the connect and about pages show. */
export interface ServerStatus {
  version: string;
  url: string;
  /** `null` when nothing is kept. */
  dbPath: string | null;
  dbBytes: number;
  observationCount: number;
  traceCount: number;
  startedAt: number;
  isLoopback: boolean;
  keysRequired: boolean;
  /** True once the project has stored any trace. */
  hasTraces: boolean;
  /** Processes whose heartbeats are watched, of all projects. */
  instances: {
    watched: number;
    /** Forgotten since the start, as more were heard of than are watched at a time: what these left open stays `running` until the next start. */
    evicted: number;
  };
  /** Since the start of this process. */
  ingest: {
    requests: number;
    observations: number;
    /** Events and links that were left out of spans with more than 10 000 of either. */
    cutParts: number;
    rejected: number;
    /** Of those, the ones that came too fast or too many at a time (429). */
    limited: number;
    /** Uploads that went on for over 30 s or 64 MiB after they had been refused, and were cut. */
    cutUploads: number;
    /** Connections that were closed since a head or a body came too slowly on them, and held a place. */
    slowSenders: number;
    /** The last request that was turned down. Never holds a payload or a key. */
    lastRejected: { time: number; route: string; status: number; message: string; client: string | null } | null;
    lastReceived: { time: number; route: string; client: string | null } | null;
  };
}
