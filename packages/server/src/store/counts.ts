/** How much of a project is stored. */
export interface StoredCounts {
  traces: number;
  observations: number;
}

export interface CountReads {
  countStored(projectId: string): Promise<StoredCounts>;
}
