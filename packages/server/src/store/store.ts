import type { AggregateReads } from "./aggregates.ts";
import type { BatchWrites } from "./batch.ts";
import type { CountReads } from "./counts.ts";
import type { DatasetReads, DatasetWrites } from "./datasets.ts";
import type { InstanceReads, InstanceWrites } from "./instances.ts";
import type { GroupReads } from "./groups.ts";
import type { MediaReads } from "./media.ts";
import type { ObservationReads } from "./observations.ts";
import type { PriceReads, PriceWrites } from "./prices.ts";
import type { ProjectReads, ProjectWrites } from "./projects.ts";
import type { MaintenanceReads, RetentionWrites } from "./retention.ts";
import type { RowReads } from "./rows.ts";
import type { WholeReads } from "./whole-rows.ts";
import type { ScoredReads } from "./scored.ts";
import type { ScoreReads, ScoreWrites } from "./scores.ts";
import type { SettingReads, SettingWrites } from "./settings.ts";

export * from "./batch.ts";
export * from "./datasets.ts";
export * from "./errors.ts";
export * from "./observations.ts";
export * from "./scores.ts";

/** Every read of the store. An area is an interface in a file of its own, listed here and in the two implementations. */
export type StoreReads = ObservationReads &
  GroupReads &
  AggregateReads &
  MaintenanceReads &
  RowReads &
  WholeReads &
  ScoreReads &
  ScoredReads &
  MediaReads &
  DatasetReads &
  CountReads &
  InstanceReads &
  ProjectReads &
  PriceReads &
  SettingReads;

/** Every write. Each resolves after its commit, is stored as a whole or not at all, and is bounded by the write queue. */
export type StoreWrites = BatchWrites &
  RetentionWrites &
  ScoreWrites &
  DatasetWrites &
  InstanceWrites &
  ProjectWrites &
  PriceWrites &
  SettingWrites;

/**
 * Where observations live. All calls are asynchronous and name the project, so that an implementation may sit in a worker or
 * behind a network: arguments and answers are plain data. Each implementation passes `test/store/contract.ts`.
 */
export type Store = StoreReads &
  StoreWrites & {
    /** Commits what was accepted, then lets go of files and threads. Idempotent. */
    close(): Promise<void>;
  };

/** The same methods as an implementation has them where it runs: not asynchronous. */
export type Sync<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => Promise<infer R> ? (...args: A) => R : never;
};
