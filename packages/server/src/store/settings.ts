/** Settings of the server, JSON by name. */
export interface SettingReads {
  /** `null` when it was never set. */
  readSetting(name: string): Promise<unknown>;
}

export interface SettingWrites {
  writeSetting(name: string, value: unknown): Promise<void>;
}
