import { SpanwiseConfigError } from "../errors.ts";
import { env } from "../util/env.ts";
import { refuseSecretInBrowser } from "../util/browser.ts";
import { basicAuth, checkBaseUrl, keyOf } from "../util/url.ts";

/** Where requests go and how they say who they are. URL and keys come from one source, as the tracer's do. */
export interface Endpoint {
  readonly baseUrl: string;
  readonly authorization: string | undefined;
  /** There is a public key and no secret: backends take scores and nothing else. */
  readonly isScoresOnly: boolean;
}

export interface Credentials {
  baseUrl?: string | undefined;
  publicKey?: string | undefined;
  secretKey?: string | undefined;
}

const LANGFUSE_CLOUD = "https://cloud.langfuse.com";
const LOCAL_SERVER = "http://localhost:4777";

/** @throws SpanwiseConfigError when no backend is named, a URL cannot work, or a secret key would be sent from a browser. */
export function resolveEndpoint(options: Credentials): Endpoint {
  const given = options.baseUrl === undefined ? fromEnvironment(options) : options;
  const publicKey = keyOf(given.publicKey, "createClient: publicKey");
  const secretKey = keyOf(given.secretKey, "createClient: secretKey");
  refuseSecretInBrowser(secretKey);
  if (secretKey && !publicKey) {
    throw new SpanwiseConfigError("createClient: secretKey needs its publicKey");
  }
  const isScoresOnly = publicKey !== undefined && !secretKey;
  return {
    baseUrl: checkBaseUrl(given.baseUrl!, "createClient: baseUrl"),
    authorization: isScoresOnly ? `Bearer ${publicKey}` : publicKey && basicAuth(publicKey, secretKey!),
    isScoresOnly,
  };
}

function fromEnvironment({ publicKey, secretKey }: Credentials): Credentials {
  if (publicKey !== undefined || secretKey !== undefined) {
    throw new SpanwiseConfigError(
      "createClient: publicKey and secretKey need a baseUrl: keys are never sent to a server nobody named",
    );
  }
  const langfuse = { publicKey: env("LANGFUSE_PUBLIC_KEY"), secretKey: env("LANGFUSE_SECRET_KEY") };
  const chosen = env("SPANWISE_BASE_URL") ? "spanwise" : langfuse.secretKey ? "langfuse" : "";
  for (const name of (env("SPANWISE_EXPORTERS") ?? chosen).toLowerCase().split(",")) {
    if (name.trim() === "spanwise") {
      return {
        baseUrl: env("SPANWISE_BASE_URL") ?? LOCAL_SERVER,
        publicKey: env("SPANWISE_PUBLIC_KEY"),
        secretKey: env("SPANWISE_SECRET_KEY"),
      };
    }
    if (name.trim() === "langfuse" && langfuse.publicKey) {
      const baseUrl = env("LANGFUSE_BASE_URL") ?? env("LANGFUSE_BASEURL") ?? env("LANGFUSE_HOST") ?? LANGFUSE_CLOUD;
      return { ...langfuse, baseUrl };
    }
  }
  throw new SpanwiseConfigError(
    "createClient: no backend is named. Pass baseUrl (http://localhost:4777), or set SPANWISE_BASE_URL, or Langfuse's keys",
  );
}
