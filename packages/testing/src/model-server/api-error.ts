import type { JsonObject } from "../json.ts";

interface ErrorShape {
  message: string;
  type: string;
  param: string | null;
  code: string | null;
}

/** OpenAI's own wording, per status. */
const shapes: Record<number, ErrorShape> = {
  400: { message: "Invalid request.", type: "invalid_request_error", param: null, code: null },
  401: {
    message: "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.",
    type: "invalid_request_error",
    param: null,
    code: "invalid_api_key",
  },
  403: {
    message: "You are not allowed to sample from this model",
    type: "invalid_request_error",
    param: null,
    code: null,
  },
  404: {
    message: "The model does not exist or you do not have access to it.",
    type: "invalid_request_error",
    param: null,
    code: "model_not_found",
  },
  409: {
    message: "The resource was modified by another request. Please retry.",
    type: "invalid_request_error",
    param: null,
    code: "conflict",
  },
  429: {
    message: "Rate limit reached for requests. Please try again later.",
    type: "requests",
    param: null,
    code: "rate_limit_exceeded",
  },
  500: {
    message: "The server had an error while processing your request. Sorry about that!",
    type: "server_error",
    param: null,
    code: null,
  },
  503: {
    message: "The engine is currently overloaded, please try again later",
    type: "server_error",
    param: null,
    code: null,
  },
};

/** Thrown by a route; becomes the reply. */
export class ApiError extends Error {
  readonly status: number;
  readonly shape: ErrorShape;

  constructor(status: number, overrides: Partial<ErrorShape> = {}) {
    const shape = { ...(shapes[status] ?? shapes[status >= 500 ? 500 : 400]!), ...overrides };
    super(shape.message);
    this.name = "ApiError";
    this.status = status;
    this.shape = shape;
  }

  get body(): JsonObject {
    return { error: this.shape };
  }
}

export function missingParameter(param: string): ApiError {
  return new ApiError(400, {
    message: `Missing required parameter: '${param}'.`,
    param,
    code: "missing_required_parameter",
  });
}
