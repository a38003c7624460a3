import { SpanwiseConfigError } from "../errors.ts";
import { refuseSecretInBrowser } from "../util/browser.ts";
import { env } from "../util/env.ts";
import { basicAuth, checkBaseUrl } from "../util/url.ts";

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
  const { baseUrl, publicKey, secretKey } = options.baseUrl === undefined ? fromEnvironment(options) : options;
  if (secretKey !== undefined && publicKey === undefined) {
    throw new SpanwiseConfigError("createClient: secretKey needs its publicKey beside it");
  }
  refuseSecretInBrowser(secretKey);
  const isScoresOnly = publicKey !== undefined && secretKey === undefined;
  return {
    baseUrl: checkBaseUrl(baseUrl ?? "", "createClient: baseUrl"),
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
  const listed = env("SPANWISE_EXPORTERS")
    ?.split(",")
    .map((name) => name.trim())
    .find((name) => name === "spanwise" || name === "langfuse");
  const isListed = env("SPANWISE_EXPORTERS") !== undefined;
  if (listed === "spanwise" || (!isListed && env("SPANWISE_BASE_URL") !== undefined)) {
    return {
      baseUrl: env("SPANWISE_BASE_URL") ?? LOCAL_SERVER,
      publicKey: env("SPANWISE_PUBLIC_KEY"),
      secretKey: env("SPANWISE_SECRET_KEY"),
    };
  }
  const langfuse = { publicKey: env("LANGFUSE_PUBLIC_KEY"), secretKey: env("LANGFUSE_SECRET_KEY") };
  if (langfuse.publicKey !== undefined && (listed === "langfuse" || (!isListed && langfuse.secretKey !== undefined))) {
    const baseUrl = env("LANGFUSE_BASE_URL") ?? env("LANGFUSE_BASEURL") ?? env("LANGFUSE_HOST") ?? LANGFUSE_CLOUD;
    return { ...langfuse, baseUrl };
  }
  throw new SpanwiseConfigError(
    "createClient: no backend is named. Pass baseUrl (http://localhost:4777 for a local server), or set SPANWISE_BASE_URL, or Langfuse's keys",
  );
}
