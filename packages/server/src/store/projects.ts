import type { ApiKey, Project } from "../api/settings.ts";

/** A key as it is stored: what checks the secret, never the secret. */
export interface StoredKey extends ApiKey {
  projectId: string;
  /** SHA-256 in hex; see `auth/secrets.ts`. */
  secretHash: string;
}

export interface KeyUse {
  publicKey: string;
  /** Epoch milliseconds. */
  lastUsedAt: number;
}

export interface ProjectReads {
  /** The default project first, then by name. */
  listProjects(): Promise<Project[]>;
  /** Of one project, or of all; the oldest first. */
  listKeys(projectId?: string): Promise<StoredKey[]>;
}

export interface ProjectWrites {
  /** @returns false when a project has this id, or one that had it is still being deleted. */
  createProject(project: Project): Promise<boolean>;
  /** @returns false when there is no such project. */
  renameProject(projectId: string, name: string): Promise<boolean>;
  /** @returns false when a key has this public key. */
  createKey(key: StoredKey): Promise<boolean>;
  /** @returns false when the project has no such key. */
  deleteKey(projectId: string, publicKey: string): Promise<boolean>;
  noteKeyUse(uses: readonly KeyUse[]): Promise<void>;
}
