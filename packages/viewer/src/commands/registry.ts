/** What can be done on the page that is open: one declaration makes the key, the line in the help and the palette's entry. */
export interface Command {
  /** Unique in its group. */
  id: string;
  label: string;
  /** By `event.key`, or two of them with a space between: "g t". Several keys do the same. */
  keys?: readonly string[];
  /** How the keys are written in the help, where they are not `keys` themselves. */
  keyText?: string;
  /** Absent: the key is handled elsewhere (a tree's arrows), and only the help shows it. */
  run?: () => void;
  /** Not in the palette: it makes sense by its key alone, like "next row". */
  isKeyOnly?: boolean;
  /** A command that cannot be done now leaves its key to who is further out. */
  isEnabled?: boolean;
}

export interface CommandGroup {
  title: string;
  commands: readonly Command[];
}

/** Two-key sequences ("g t") have to be finished within this time. */
const SEQUENCE_MS = 1_000;

type Source = () => CommandGroup;

/** Those who mounted last are innermost, and are asked first for a key. */
export class CommandRegistry {
  readonly #sources: Source[] = [];
  #prefix: { key: string; at: number } | null = null;

  add(source: Source): () => void {
    this.#sources.push(source);
    return () => {
      const at = this.#sources.indexOf(source);
      if (at !== -1) this.#sources.splice(at, 1);
    };
  }

  /** All groups as they are now, outermost first; groups of one title are one. */
  groups(): CommandGroup[] {
    const groups = new Map<string, Command[]>();
    for (const source of this.#sources) {
      const { title, commands } = source();
      const known = groups.get(title) ?? [];
      known.push(...commands.filter((command) => !known.some((other) => other.id === command.id)));
      groups.set(title, known);
    }
    return [...groups].map(([title, commands]) => ({ title, commands }));
  }

  /** The command a key means, after the keys before it. `atMs` is the time of the key. */
  press(key: string, atMs: number): Command | undefined {
    const sequence = this.#prefix !== null && atMs - this.#prefix.at < SEQUENCE_MS ? `${this.#prefix.key} ${key}` : "";
    this.#prefix = { key, at: atMs };
    return (sequence === "" ? undefined : this.#find(sequence)) ?? this.#find(key);
  }

  #find(keys: string): Command | undefined {
    for (const source of this.#sources.toReversed()) {
      const found = source().commands.find(
        (command) => command.run !== undefined && command.isEnabled !== false && command.keys?.includes(keys),
      );
      if (found !== undefined) return found;
    }
    return undefined;
  }
}
