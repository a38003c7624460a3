export declare const runtimesFolder: string;
export declare const runtimeVersions: Readonly<Record<"bun" | "deno" | "miniflare", string>>;
export declare function installRuntimes(): void;
export declare function runtimeBinaries(): { bun: string; deno: string; miniflare: string };
