// Makes the OpenAPI document of `/api/*` from the interface ApiRoutes in src/api/routes.ts.
//   node scripts/openapi.mjs <file>
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { createGenerator } from "ts-json-schema-generator";

const root = fileURLToPath(new URL("../", import.meta.url));
const SCHEMAS = "#/components/schemas/";
const ERRORS = "The request was turned down; `error` is a word for programs, `message` a sentence for people.";

const INTRODUCTION = `The API behind the viewer. Times are epoch milliseconds, durations milliseconds, costs US dollars; a cost of null means that no
price is known. Where the server asks for keys, send a project's public and secret key as Basic auth.

Data comes in elsewhere: OTLP at \`POST /v1/traces\` and \`POST /api/public/otel/v1/traces\`, and the routes of Langfuse's API under
\`/api/public\`, which are described at https://api.reference.langfuse.com.`;

/** @returns {Promise<Record<string, unknown>>} the document. */
export async function generateOpenApi() {
  const schema = createGenerator({
    path: `${root}src/api/routes.ts`,
    tsconfig: `${root}tsconfig.json`,
    type: "ApiRoutes",
    skipTypeCheck: true,
    topRef: false,
    expose: "export",
  }).createSchema("ApiRoutes");
  const { version } = JSON.parse(await readFile(`${root}package.json`, "utf8"));
  const definitions = rename(schema.definitions ?? {});
  const { "* *": any, ...routes } = rename(schema.properties);
  const error = any.properties.answer;
  const paths = {};
  for (const [key, route] of Object.entries(routes)) {
    const [method, path] = key.split(" ");
    paths[path] ??= {};
    paths[path][method.toLowerCase()] = describe(method, path, route, { definitions, error });
  }
  const asked = JSON.stringify(paths);
  return {
    openapi: "3.1.0",
    info: { title: "Spanwise", version, description: INTRODUCTION, license: { name: "MIT", identifier: "MIT" } },
    externalDocs: {
      description: "Langfuse's API, served under /api/public",
      url: "https://api.reference.langfuse.com",
    },
    servers: [{ url: "/" }],
    security: [{ keys: [] }, {}],
    paths,
    components: {
      securitySchemes: { keys: { type: "http", scheme: "basic", description: "Public key and secret key." } },
      schemas: keepUsed(definitions, asked),
    },
  };
}

function describe(method, path, route, { definitions, error }) {
  const { query, body, answer, status, content } = route.properties ?? {};
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const code = String(status?.const ?? 200);
  const type = content?.const ?? (answer === undefined ? undefined : "application/json");
  return {
    operationId: operationIdOf(method, path),
    summary: (route.description ?? "").split("\n")[0],
    parameters: [
      ...names.map((name) => ({ name, in: "path", required: true, schema: { type: "string" } })),
      ...readQuery(query, definitions),
    ],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { "application/json": { schema: body } } } }),
    responses: {
      [code]: {
        description: code === "204" ? "Done." : (answer?.description ?? "The answer."),
        ...(type === undefined
          ? {}
          : { content: { [type]: answer === undefined || content !== undefined ? {} : { schema: answer } } }),
      },
      default: {
        description: ERRORS,
        content: { "application/json": { schema: error } },
      },
    },
  };
}

/** The members of the query's type, its own and those of what it is made of, as parameters. */
function readQuery(schema, definitions) {
  if (schema === undefined) return [];
  const target = schema.$ref === undefined ? schema : definitions[schema.$ref.slice(SCHEMAS.length)];
  const { properties = {}, required = [], allOf = [] } = target;
  const own = Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: "query",
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
  return [...own, ...allOf.flatMap((part) => readQuery(part, definitions))];
}

/** `GET /api/traces/{traceId}` → `getTracesByTraceId`. */
function operationIdOf(method, path) {
  const words = path.replace("/api/", "").split(/[/.-]/);
  const parts = words.map((word) => (word.startsWith("{") ? `By${upper(word.slice(1, -1))}` : upper(word)));
  return method.toLowerCase() + parts.join("");
}

function upper(word) {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** `#/definitions/Page<Dataset>` → `#/components/schemas/Page_Dataset`: names of components are made of few characters. */
function rename(value) {
  if (Array.isArray(value)) return value.map(rename);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => {
      if (key === "$ref") return [key, SCHEMAS + nameOf(decodeURIComponent(member).replace("#/definitions/", ""))];
      return [/[<>]/.test(key) ? nameOf(key) : key, rename(member)];
    }),
  );
}

function nameOf(type) {
  return type.replaceAll(/[^\w.-]+/g, "_").replace(/_$/, "");
}

/** What is only part of a query became parameters. */
function keepUsed(definitions, text) {
  const used = new Set();
  const visit = (json) => {
    for (const [, name] of json.matchAll(/"#\/components\/schemas\/([\w.-]+)"/g)) {
      if (used.has(name)) continue;
      used.add(name);
      visit(JSON.stringify(definitions[name]));
    }
  };
  visit(text);
  return Object.fromEntries(Object.entries(definitions).filter(([name]) => used.has(name)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , file = `${root}dist/openapi.json`] = process.argv;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(await generateOpenApi(), null, 2)}\n`);
}
