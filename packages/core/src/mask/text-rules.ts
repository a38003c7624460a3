import { patternRule, type Found, type MaskRule } from "./rule.ts";

const WORD = /[\p{L}\p{N}_]/u;

/** RFC 5321's limits. */
const MAX_LOCAL = 64;
const MAX_DOMAIN = 255;
/** Those that occur: with all that are allowed, an address in a URL's query would begin at its scheme. */
const LOCAL_CHAR = /[\p{L}\p{M}\p{N}._%+'~-]/u;
/** Labels, and a last one of letters: `package@1.2.3` is no address. */
const DOMAIN = /^(?:[\p{L}\p{N}][\p{L}\p{M}\p{N}-]{0,62}\.){1,8}(?:xn--[a-z0-9-]{1,59}|\p{L}[\p{L}\p{M}]{1,62})/iu;
const AT = /@|%40/gi;
/** Before and behind the sign: what may belong to the address is at most this far. */
const MAX_EMAIL = MAX_LOCAL + MAX_DOMAIN + 3;

/**
 * E-mail addresses, `[email]`: also with letters of other alphabets, and with `%40` for the sign, as in a URL. Not found: quoted local
 * parts (`"a b"@example.com`), characters before the sign that are allowed and hardly occur (such as `!` and `=`), addresses at an
 * IP address or a host without a dot, and ones that are spelled out ("john at").
 */
export function emails(replacement = "[email]"): MaskRule {
  return { text: { maxChars: MAX_EMAIL, find: (text, from) => findEmail(text, from, replacement) } };
}

function findEmail(text: string, from: number, replacement: string): Found | undefined {
  const sign = new RegExp(AT);
  sign.lastIndex = from;
  for (let at = sign.exec(text); at; at = sign.exec(text)) {
    let start = at.index;
    while (start > from && at.index - start < MAX_LOCAL && LOCAL_CHAR.test(text[start - 1]!)) start--;
    // A sentence's dot and a quoting mark are not part of it.
    while (start < at.index && !WORD.test(text[start]!)) start++;
    const behind = at.index + at[0].length;
    const domain = DOMAIN.exec(text.slice(behind, behind + MAX_DOMAIN));
    if (start < at.index && domain) return { start, end: behind + domain[0].length, replacement };
  }
  return undefined;
}

/** `Bearer` and `Basic` with what follows; {@link looksLikeToken} tells it from prose ("bearer instruments"). */
const SCHEME = /\b(bearer|basic)(\s{1,4}|%20|\+)([\w.~+/=-]{8,})/gi;

/**
 * Tokens behind `Bearer` or `Basic`, as in an `Authorization` header: `Bearer [token]`. Not found: other schemes, and tokens under eight
 * characters; {@link apiKeys} and `keys()` find many of those by what they are or where they stand.
 */
export function bearerTokens(replacement = "[token]"): MaskRule {
  return {
    text: patternRule(SCHEME, (_, scheme, space, token) =>
      looksLikeToken(token!) ? `${scheme}${space}${replacement}` : undefined,
    ),
  };
}

const LOOKED_AT_CHARS = 64;

/** A digit, a capital inside, padding, or longer than words are. */
function looksLikeToken(text: string): boolean {
  return text.length >= 20 || /\d|[a-z][A-Z]|=$/.test(text.slice(0, LOOKED_AT_CHARS));
}

/** Prefixes that providers give their keys, and how the rest looks at least. The whole run of such characters is taken. */
const API_KEY = new RegExp(
  `(?<![A-Za-z0-9])(?:${[
    // OpenAI, Anthropic, OpenRouter, DeepSeek, Langfuse; the digit tells it from words such as sk-learn-something.
    "sk-(?=[\\w-]{0,60}\\d)[\\w-]{16,200}",
    "(?:gsk|hf|r8|pplx|xai|tvly|nvapi|pcsk|csk|npm|pypi|dop_v1|lsv2_[ps][tk]|jina|fw|dapi|shpat|ntn)[_-](?=[\\w-]{0,60}\\d)[\\w-]{20,200}",
    "AIza[\\w-]{30,200}",
    "ya29\\.[\\w-]{20,200}",
    "GOCSPX-[\\w-]{20,200}",
    "(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}",
    "gh[pousr]_[A-Za-z0-9]{20,200}",
    "github_pat_\\w{20,200}",
    "gl(?:pat|dt|rt|cbt)-[\\w-]{20,200}",
    "xox[abeoprs]-[\\w-]{10,200}",
    "(?:sk|rk)_(?:live|test)_\\w{10,200}",
    "whsec_[\\w+/]{16,200}",
    "SG\\.[\\w-]{16,200}\\.[\\w-]{16,200}",
    "\\d{8,10}:AA[\\w-]{30,200}",
  ].join("|")})[\\w-]*`,
  "g",
);
const PRIVATE_KEY = /-----BEGIN ([A-Z ]{0,30})PRIVATE KEY-----/g;
const PEM_START = "-----BEGIN ";
const PRIVATE_KEY_END = /-----END [A-Z ]{0,30}PRIVATE KEY-----/g;
const PEM_BODY = /[\w+/=\\\s]*/y;
/** PEM of 16384-bit RSA has 12 500 characters. */
const MAX_PEM = 16 * 1024;
/** A longer run of such characters is no header: one of megabytes must not be read again for each slice of it. */
const MAX_JWT_HEADER = 16 * 1024;
const JWT_START = /(?<![A-Za-z0-9])eyJ[\w-]{8}/g;
const TOKEN_RUN = /[\w-]*/y;

/**
 * Keys of well-known providers by their prefix (OpenAI, Anthropic, Google, AWS access key ids, GitHub, GitLab, Slack, Stripe, Hugging
 * Face, Groq, npm and others), JSON Web Tokens, and PEM private keys: `[key]`. Not found: keys without a prefix, such as AWS
 * secret access keys, Azure's and Mistral's: `keys()` finds those by the name of their field.
 */
export function apiKeys(replacement = "[key]"): readonly MaskRule[] {
  return [
    { text: { maxChars: MAX_PEM, find: (text, from) => findPrivateKey(text, from, replacement) } },
    { text: { maxChars: MAX_PEM, find: (text, from, isEnd) => findJwt(text, from, isEnd, replacement) } },
    { text: patternRule(API_KEY, () => replacement) },
  ];
}

/** Without its end it goes as far as there is text that may be of it. */
function findPrivateKey(text: string, from: number, replacement: string): Found | undefined {
  const begin = new RegExp(PRIVATE_KEY);
  begin.lastIndex = from;
  const start = begin.exec(text);
  if (!start) return undefined;
  const finish = new RegExp(PRIVATE_KEY_END);
  finish.lastIndex = begin.lastIndex;
  const next = text.indexOf(PEM_START, begin.lastIndex);
  const limit = start.index + MAX_PEM;
  const part = text.slice(0, next < 0 ? limit : Math.min(next, limit));
  if (finish.exec(part)) return { start: start.index, end: finish.lastIndex, replacement };
  const body = new RegExp(PEM_BODY);
  body.lastIndex = begin.lastIndex;
  body.test(part);
  return { start: start.index, end: Math.max(begin.lastIndex, body.lastIndex), replacement };
}

/** Header, payload and signature in base64url; the header and the payload are JSON objects, which begin with `eyJ`. */
function findJwt(text: string, from: number, isEnd: boolean, replacement: string): Found | undefined {
  const begin = new RegExp(JWT_START);
  begin.lastIndex = from;
  for (let start = begin.exec(text); start; start = begin.exec(text)) {
    const header = runEnd(text, start.index);
    const mayGoOn = header === text.length && !isEnd && header - start.index <= MAX_JWT_HEADER;
    if (mayGoOn) return { start: start.index, end: header, replacement };
    if (text.startsWith(".eyJ", header)) {
      const payload = runEnd(text, header + 1);
      return { start: start.index, end: text[payload] === "." ? runEnd(text, payload + 1) : payload, replacement };
    }
    // Whatever begins inside of this run ends where it does.
    begin.lastIndex = Math.max(begin.lastIndex, header);
  }
  return undefined;
}

function runEnd(text: string, from: number): number {
  const run = new RegExp(TOKEN_RUN);
  run.lastIndex = from;
  run.test(text);
  return Math.max(from, run.lastIndex);
}

/** `user:password@` in a URL. */
const URL_PASSWORD = /(:\/\/[^\s/@:"'<>]{0,200}:)[^\s/@"'<>]{1,1000}(?=@)/g;

/** Passwords in URLs: `postgres://user:[password]@host`. The user's name stays. */
export function urlPasswords(replacement = "[password]"): MaskRule {
  return { text: patternRule(URL_PASSWORD, (_, head) => `${head}${replacement}`) };
}
