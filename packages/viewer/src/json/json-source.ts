import { callWorker } from "../workers/client.ts";
import type { LargeValue } from "../workers/protocol.ts";
import { indexJson } from "./json-index.ts";
import { type JsonLine, JsonView } from "./json-view.ts";

/** The visible lines of a JSON value, wherever it is kept. Tells its listeners when they change. */
export abstract class JsonSource {
  readonly #listeners = new Set<() => void>();
  #version = 0;

  abstract readonly lineCount: number;
  /** Characters of the JSON text. */
  abstract readonly chars: number;
  /** `undefined` for a line that is on its way. */
  abstract line(line: number): JsonLine | undefined;
  abstract toggle(entry: number, isOpen: boolean): void;
  abstract showWhole(entry: number): void;
  /** The line of the next match, or -1. */
  abstract find(text: string, fromLine: number, step: 1 | -1): Promise<number>;
  abstract copy(entry: number, what: "path" | "value"): Promise<string>;
  abstract text(): Promise<string>;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly version = (): number => this.#version;

  protected changed(): void {
    this.#version++;
    for (const listener of this.#listeners) listener();
  }
}

/** A value small enough for the page's own thread. */
export class LocalJson extends JsonSource {
  readonly #view: JsonView;
  readonly #text: string;

  constructor(text: string) {
    super();
    this.#text = text;
    this.#view = new JsonView(indexJson(text));
  }

  get lineCount(): number {
    return this.#view.lineCount;
  }

  get chars(): number {
    return this.#text.length;
  }

  line(line: number): JsonLine | undefined {
    return this.#view.lines(line, line + 1)[0];
  }

  toggle(entry: number, isOpen: boolean): void {
    this.#view.toggle(entry, isOpen);
    this.changed();
  }

  showWhole(entry: number): void {
    this.#view.showWhole(entry);
    this.changed();
  }

  async find(text: string, fromLine: number, step: 1 | -1): Promise<number> {
    const line = this.#view.find(text, fromLine, step);
    this.changed();
    return line;
  }

  async copy(entry: number, what: "path" | "value"): Promise<string> {
    return what === "path" ? this.#view.path(entry) : this.#view.source(entry);
  }

  async text(): Promise<string> {
    return this.#text;
  }
}

/** Lines asked for at once, around what is looked at. */
const CHUNK = 120;

/** A value in the worker. Lines come in chunks as they are looked at; what is shown stays until its successor is here. */
export class RemoteJson extends JsonSource {
  readonly #value: LargeValue;
  readonly #view: Promise<number>;
  #lines = new Map<number, JsonLine>();
  #asked = new Set<number>();
  #lineCount = 0;
  /** Replies to an earlier state of the view are dropped. */
  #generation = 0;
  #lastChunk = 0;

  constructor(value: LargeValue) {
    super();
    this.#value = value;
    this.#view = callWorker("openView", [value]).then(({ view, lineCount }) => {
      this.#lineCount = lineCount;
      this.changed();
      return view;
    });
    this.#view.catch(() => {
      // Each later call meets the same error, and the pane shows it.
    });
  }

  get lineCount(): number {
    return this.#lineCount;
  }

  get chars(): number {
    return this.#value.chars;
  }

  line(line: number): JsonLine | undefined {
    const chunk = Math.floor(line / CHUNK);
    this.#lastChunk = chunk;
    if (!this.#asked.has(chunk)) {
      this.#asked.add(chunk);
      void this.#fetch(chunk, this.#generation, this.#lines);
    }
    return this.#lines.get(line);
  }

  toggle(entry: number, isOpen: boolean): void {
    void this.#renew(async (view) => callWorker("viewToggle", [view, entry, isOpen]));
  }

  showWhole(entry: number): void {
    void this.#renew(async (view) => {
      await callWorker("viewShowWhole", [view, entry]);
      return this.#lineCount;
    });
  }

  async find(text: string, fromLine: number, step: 1 | -1): Promise<number> {
    let found = -1;
    await this.#renew(async (view) => {
      const { line, lineCount } = await callWorker("viewFind", [view, text, fromLine, step]);
      found = line;
      return lineCount;
    });
    return found;
  }

  async copy(entry: number, what: "path" | "value"): Promise<string> {
    return callWorker("viewCopy", [await this.#view, entry, what]);
  }

  text(): Promise<string> {
    return callWorker("sourceText", [this.#value]);
  }

  close(): void {
    void this.#view
      .then((view) => callWorker("closeView", [view]))
      .catch(() => {
        // It never opened: there is nothing to close.
      });
  }

  /** After a change lines have other numbers: the chunk in sight is read before the old lines are let go. */
  async #renew(change: (view: number) => Promise<number>): Promise<void> {
    const generation = ++this.#generation;
    const lineCount = await change(await this.#view);
    const lines = new Map<number, JsonLine>();
    await Promise.all(
      [this.#lastChunk - 1, this.#lastChunk, this.#lastChunk + 1].map((chunk) => this.#read(chunk, lines)),
    );
    if (generation !== this.#generation) return;
    this.#lineCount = lineCount;
    this.#lines = lines;
    this.#asked = new Set([this.#lastChunk - 1, this.#lastChunk, this.#lastChunk + 1]);
    this.changed();
  }

  async #fetch(chunk: number, generation: number, into: Map<number, JsonLine>): Promise<void> {
    await this.#read(chunk, into);
    if (generation === this.#generation) this.changed();
  }

  async #read(chunk: number, into: Map<number, JsonLine>): Promise<void> {
    if (chunk < 0) return;
    const from = chunk * CHUNK;
    const lines = await callWorker("viewLines", [await this.#view, from, from + CHUNK]);
    for (const [offset, line] of lines.entries()) into.set(from + offset, line);
  }
}
