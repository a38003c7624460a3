import type { Context, Hono } from "hono";
import type { ApiKey, DeletedProject, PruneResponse } from "../api/settings.ts";
import { requireAdmin } from "../auth/authenticate.ts";
import type { KeyRing } from "../auth/key-ring.ts";
import { withBody } from "../http/body.ts";
import { HttpError } from "../http/errors.ts";
import type { KnownProjects } from "../http/known-projects.ts";
import { parseJsonBody } from "../http/json-body.ts";
import { projectOf } from "../http/project.ts";
import type { IngestContext } from "../ingest/context.ts";
import { repriceProject } from "../pricing/reprice.ts";
import { DEFAULT_PROJECT_ID } from "../model/observation.ts";
import { deleteProject } from "../store/retention.ts";
import type { StoredKey } from "../store/projects.ts";
import { readKeyInput, readNameInput, readPriceInput, readProjectInput, readRetentionInput } from "./inputs.ts";
import { createStoredKey } from "./new-key.ts";
import type { Retention } from "./retention.ts";
import type { StatusReader } from "./status.ts";

/** The settings' bodies are small. */
const SMALL_BODY = { maxWireBytes: 64 * 1024, maxBodyBytes: 64 * 1024 };

export interface SettingsContext {
  ingest: IngestContext;
  keys: KeyRing;
  projects: KnownProjects;
  retention: Retention;
  status: StatusReader;
}

/** Projects, keys, prices, retention and the server's state: what the viewer's settings show and change. */
export function mountSettings(app: Hono, settings: SettingsContext): void {
  mountProjects(app, settings);
  mountPrices(app, settings);
  app.get("/api/settings/retention", async (context) => context.json(await settings.retention.read()));
  app.put("/api/settings/retention", async (context) => {
    requireAdmin(context);
    const input = readRetentionInput(await readJson(context, settings.ingest));
    await settings.retention.change(input);
    return context.json(input);
  });
  app.post("/api/prune", async (context) => {
    requireAdmin(context);
    const input = readRetentionInput(await readJson(context, settings.ingest));
    const { deletedTraces: traces, isDone } = await settings.retention.prune(input);
    const answer: PruneResponse = { traces, isDone };
    return context.json(answer);
  });
  app.get("/api/status", async (context) => context.json(await settings.status.read(projectOf(context))));
}

function mountProjects(app: Hono, { ingest, keys, projects: known }: SettingsContext): void {
  const { store, prices } = ingest;
  app.get("/api/projects", async (context) => {
    const access = context.get("access");
    const projects = await store.listProjects();
    const isLimited = access !== undefined && !access.isAdmin;
    return context.json(isLimited ? projects.filter(({ id }) => id === access.projectId) : projects);
  });
  app.post("/api/projects", async (context) => {
    requireAdmin(context);
    const project = readProjectInput(await readJson(context, ingest), Date.now());
    if (await store.createProject(project)) return context.json(project, 201);
    throw new HttpError(409, "exists", "There is a project with this id.");
  });

  const projectId = async (context: Context): Promise<string> => {
    requireAdmin(context);
    const id = context.req.param("id") ?? "";
    if ((await store.listProjects()).some((project) => project.id === id)) return id;
    throw new HttpError(404, "not_found", "There is no project with this id.");
  };
  app.patch("/api/projects/:id", async (context) => {
    const id = await projectId(context);
    await store.renameProject(id, readNameInput(await readJson(context, ingest)));
    return context.json((await store.listProjects()).find((project) => project.id === id));
  });
  app.delete("/api/projects/:id", async (context) => {
    const id = await projectId(context);
    if (id === DEFAULT_PROJECT_ID) {
      throw new HttpError(
        409,
        "default_project",
        "The default project stays: it is what senders without a project's keys mean.",
      );
    }
    const name = (await store.listProjects()).find((project) => project.id === id)?.name;
    if (context.req.query("name") !== name) {
      throw new HttpError(
        400,
        "not_confirmed",
        "Give the project's name as ?name=: with it go all its traces, datasets, scores, prices and keys.",
      );
    }
    const answer: DeletedProject = { traces: await deleteProject(store, id) };
    await keys.load();
    known.forget();
    prices.forget(id);
    return context.json(answer);
  });
  app.get("/api/projects/:id/keys", async (context) =>
    context.json((await store.listKeys(await projectId(context))).map(toApiKey)),
  );
  app.post("/api/projects/:id/keys", async (context) => {
    const id = await projectId(context);
    const { note } = readKeyInput(await readJson(context, ingest));
    const key = createStoredKey(id, note, Date.now());
    await store.createKey(key.stored);
    await keys.load();
    // The one time that the secret is shown: nothing may keep it.
    return context.json(key.created, 201, { "Cache-Control": "no-store" });
  });
  app.delete("/api/projects/:id/keys/:publicKey", async (context) => {
    const isDeleted = await store.deleteKey(await projectId(context), context.req.param("publicKey"));
    await keys.load();
    if (!isDeleted) throw new HttpError(404, "not_found", "The project has no such key.");
    return context.body(null, 204);
  });
}

function mountPrices(app: Hono, { ingest }: SettingsContext): void {
  const { store, prices, bus } = ingest;
  app.get("/api/prices", async (context) => context.json(await store.listPrices(projectOf(context))));
  app.post("/api/prices", async (context) => {
    const projectId = projectOf(context);
    const price = readPriceInput(await readJson(context, ingest), Date.now());
    await store.writePrice(projectId, price);
    prices.forget(projectId);
    return context.json(price, 201);
  });
  app.delete("/api/prices/:id", async (context) => {
    const projectId = projectOf(context);
    const isDeleted = await store.deletePrice(projectId, context.req.param("id"));
    prices.forget(projectId);
    if (!isDeleted) throw new HttpError(404, "not_found", "There is no such price.");
    return context.body(null, 204);
  });
  const running = new Set<string>();
  app.post("/api/prices/reprice", async (context) => {
    const projectId = projectOf(context);
    if (running.has(projectId)) throw new HttpError(409, "running", "The project's costs are being computed already.");
    running.add(projectId);
    try {
      const publish = (traceIds: string[]): void => bus.publish(projectId, traceIds);
      return context.json(await repriceProject(store, prices, projectId, publish));
    } finally {
      running.delete(projectId);
    }
  });
}

function toApiKey({ publicKey, secretHint, note, createdAt, lastUsedAt }: StoredKey): ApiKey {
  return { publicKey, secretHint, note, createdAt, lastUsedAt };
}

function readJson(context: Context, { budget }: IngestContext): Promise<unknown> {
  return withBody(context.req.raw, SMALL_BODY, budget, async (body) => parseJsonBody(body));
}
