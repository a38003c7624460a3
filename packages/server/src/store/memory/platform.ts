import type { CustomPrice, Project } from "../../api/settings.ts";
import { DEFAULT_PROJECT_ID } from "../../model/observation.ts";
import type { PriceReads } from "../prices.ts";
import type { KeyUse, ProjectReads, ProjectWrites, StoredKey } from "../projects.ts";
import type { SettingReads, SettingWrites } from "../settings.ts";

/** Projects, keys, prices and settings. */
export class MemoryPlatform implements ProjectReads, ProjectWrites, PriceReads, SettingReads, SettingWrites {
  readonly #projects: Project[] = [{ id: DEFAULT_PROJECT_ID, name: DEFAULT_PROJECT_ID, createdAt: Date.now() }];
  readonly #keys = new Map<string, StoredKey>();
  readonly #prices = new Map<string, Map<string, CustomPrice>>();
  readonly #settings = new Map<string, string>();

  async listProjects(): Promise<Project[]> {
    const [first, ...others] = this.#projects;
    return first === undefined ? [] : [first, ...others.toSorted((a, b) => (a.name < b.name ? -1 : 1))];
  }

  async createProject(project: Project): Promise<boolean> {
    if (this.#projects.some(({ id }) => id === project.id)) return false;
    this.#projects.push(project);
    return true;
  }

  async renameProject(projectId: string, name: string): Promise<boolean> {
    const index = this.#projects.findIndex(({ id }) => id === projectId);
    const project = this.#projects[index];
    if (project === undefined) return false;
    this.#projects[index] = { ...project, name };
    return true;
  }

  deleteOfProject(projectId: string): void {
    const index = this.#projects.findIndex(({ id }) => id === projectId);
    if (index >= 0) this.#projects.splice(index, 1);
    for (const key of this.#keys.values()) if (key.projectId === projectId) this.#keys.delete(key.publicKey);
    this.#prices.delete(projectId);
  }

  async listKeys(projectId?: string): Promise<StoredKey[]> {
    return [...this.#keys.values()]
      .filter((key) => projectId === undefined || key.projectId === projectId)
      .toSorted((a, b) => a.createdAt - b.createdAt || (a.publicKey < b.publicKey ? -1 : 1))
      .map((key) => ({ ...key }));
  }

  async createKey(key: StoredKey): Promise<boolean> {
    if (this.#keys.has(key.publicKey)) return false;
    this.#keys.set(key.publicKey, { ...key });
    return true;
  }

  async deleteKey(projectId: string, publicKey: string): Promise<boolean> {
    return this.#keys.get(publicKey)?.projectId === projectId && this.#keys.delete(publicKey);
  }

  async noteKeyUse(uses: readonly KeyUse[]): Promise<void> {
    for (const { publicKey, lastUsedAt } of uses) {
      const key = this.#keys.get(publicKey);
      if (key !== undefined) key.lastUsedAt = Math.max(key.lastUsedAt ?? 0, lastUsedAt);
    }
  }

  async listPrices(projectId: string): Promise<CustomPrice[]> {
    const prices = [...(this.#prices.get(projectId)?.values() ?? [])];
    return prices.toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1));
  }

  async writePrice(projectId: string, price: CustomPrice): Promise<void> {
    const prices = this.#prices.get(projectId) ?? new Map<string, CustomPrice>();
    this.#prices.set(projectId, prices.set(price.id, price));
  }

  async deletePrice(projectId: string, id: string): Promise<boolean> {
    return this.#prices.get(projectId)?.delete(id) ?? false;
  }

  async readSetting(name: string): Promise<unknown> {
    const text = this.#settings.get(name);
    return text === undefined ? null : (JSON.parse(text) as unknown);
  }

  async writeSetting(name: string, value: unknown): Promise<void> {
    this.#settings.set(name, JSON.stringify(value));
  }
}
