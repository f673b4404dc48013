/**
 * The journal of one model in memory: its entries, and the tokens and sources of its commits.
 *
 * @module
 */

import type {
  CommitOptions,
  CommitResult,
  JournalBounds,
  SourcePosition,
  Written,
} from "../../src/models/port.ts";
import { REFUSALS_MAX, SOURCES_MAX } from "../../src/models/port.ts";
import { sourceGroup } from "../../src/models/source_group.ts";
import type { JournalPosition, JournalRead } from "../../src/wakes/port.ts";

/** A text, or what becomes one when it is read: most entries drop out of a journal that nobody reads. */
export interface EntryText {
  /** About how many characters it has. */
  readonly length: number;
  /** The text. */
  toString(): string;
}

/** An entry in its place. */
export interface Line {
  /** Its place, from 1. */
  readonly index: number;
  /** Its random characters. */
  readonly tag: string;
  /** Those of the entry before. */
  readonly previousTag: string;
  /** What was written, as JSON text. */
  readonly text: EntryText;
  /** When it was written, in milliseconds since 1970. */
  readonly atMs: number;
  /** The token that goes when this entry does. */
  token: string | undefined;
}

interface Known {
  readonly digest: string;
  readonly writes: readonly Written[];
}

/** What a commit met that its token goes on meeting. */
export interface Refusal {
  /** Which. */
  readonly kind: "conflict" | "taken" | "full";
  /** The write. */
  readonly at: number;
  /** The number of its claim, for `taken`. */
  readonly claim: number;
}

/** The epoch of a model that nothing was written to. */
const NO_EPOCH = "0";

/** A model's journal. */
export class ModelJournal {
  #lines: Line[] = [];
  /** How many of the lines are dropped already; they are cut off when they are half of all. */
  #dropped = 0;
  #bytes = 0;
  #epoch = NO_EPOCH;
  #last: Line | undefined;
  readonly #known = new Map<string, Known>();
  /** Commits that failed, the oldest first. */
  readonly #refused = new Map<string, Refusal & Pick<Known, "digest">>();
  /** The positions of sources by their group; the one that wrote last stands last. */
  readonly #sources = new Map<number, Map<string, number>>();

  /** Where the journal ends. */
  get head(): JournalPosition {
    return { epoch: this.#epoch, index: this.length, tag: this.#last?.tag ?? "" };
  }

  /** How many entries were ever added. */
  get length(): number {
    return this.#last?.index ?? 0;
  }

  /** The entry that was added last, even if it is dropped already. */
  get last(): Line | undefined {
    return this.#last;
  }

  /** What is known of a commit before it is made; `undefined` if it is to be made. */
  earlier({ token, digest, position }: CommitOptions): CommitResult | undefined {
    const known = token === undefined ? undefined : this.#known.get(token);
    if (known !== undefined) {
      if (known.digest !== digest) return { kind: "reused" };
      return { kind: "done", writes: known.writes, isRepeat: true };
    }
    if (position === undefined) return undefined;
    const reached = this.#sources.get(sourceGroup(position.source))?.get(position.source);
    if (reached === undefined) return position.index > 1 ? { kind: "unknown" } : undefined;
    return position.index <= reached ? { kind: "passed" } : undefined;
  }

  /** What a token met before, if it did. */
  refusedBefore({ token, digest }: CommitOptions): Refusal | "reused" | undefined {
    const refused = token === undefined ? undefined : this.#refused.get(token);
    return refused !== undefined && refused.digest !== digest ? "reused" : refused;
  }

  /** Remembers that a commit failed. */
  refuse({ token, digest }: CommitOptions, { kind, at, claim }: Refusal): void {
    if (token === undefined) return;
    this.#refused.set(token, { digest, kind, at, claim });
    forgetFirst(this.#refused, REFUSALS_MAX);
  }

  /** Adds an entry. A journal that begins gets its epoch. */
  append(text: EntryText, tag: string, atMs: number, begun: string = tag): Line {
    const index = this.length + 1;
    const previousTag = this.#last?.tag ?? "";
    const line: Line = { index, tag, previousTag, text, atMs, token: undefined };
    if (index === 1) this.#epoch = begun;
    this.#lines.push(line);
    this.#bytes += text.length;
    this.#last = line;
    return line;
  }

  /** Remembers a commit for as long as its last entry stays. */
  remember({ token, digest, position }: CommitOptions, writes: readonly Written[]): void {
    const last = this.#last;
    if (last !== undefined && token !== undefined) {
      last.token = token;
      this.#known.set(token, { digest, writes });
    }
    if (position !== undefined) this.#move(position);
  }

  /** Drops what is past the bounds. */
  trim({ entriesMax, bytesMax, ageMsMax }: JournalBounds, nowMs: number): void {
    for (let line = this.#lines[this.#dropped]; line !== undefined;) {
      const kept = this.#lines.length - this.#dropped;
      const isIn = kept <= entriesMax && this.#bytes <= bytesMax && nowMs - line.atMs <= ageMsMax;
      if (isIn) break;
      this.#bytes -= line.text.length;
      if (line.token !== undefined) this.#known.delete(line.token);
      line = this.#lines[++this.#dropped];
    }
    if (this.#dropped > 1_000 && this.#dropped * 2 > this.#lines.length) {
      this.#lines = this.#lines.slice(this.#dropped);
      this.#dropped = 0;
    }
  }

  /** What was written after a position. */
  read(after: JournalPosition | undefined, limit: number): JournalRead<string> {
    const { head } = this;
    if (after === undefined) return { kind: "entries", entries: [], head };
    if (!this.#continues(after)) return { kind: "reset", head };
    const first = this.#offsetOf(after.index + 1);
    const entries = this.#lines.slice(first, first + limit)
      .map(({ index, tag, text }) => ({ index, tag, entry: text.toString() }));
    return { kind: "entries", entries, head };
  }

  /** Whether the journal still has everything after a position, and the position is its own. */
  #continues({ epoch, index, tag }: JournalPosition): boolean {
    const { head } = this;
    if (epoch !== head.epoch && !(epoch === NO_EPOCH && index === 0)) return false;
    if (index === head.index) return tag === head.tag;
    const at = this.#offsetOf(index + 1);
    return at >= this.#dropped && this.#lines[at]?.previousTag === tag;
  }

  #offsetOf(index: number): number {
    return index - (this.#lines[0]?.index ?? 1);
  }

  #move({ source, index }: SourcePosition): void {
    const group = sourceGroup(source);
    const sources = this.#sources.get(group) ?? new Map<string, number>();
    this.#sources.set(group, sources);
    sources.delete(source);
    sources.set(source, index);
    forgetFirst(sources, SOURCES_MAX);
  }
}

function forgetFirst(map: Map<string, unknown>, sizeMax: number): void {
  if (map.size <= sizeMax) return;
  for (const [first] of map) {
    map.delete(first);
    return;
  }
}
