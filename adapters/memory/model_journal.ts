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
import type { JournalPosition, JournalRead } from "../../src/wakes/port.ts";

/** An entry as text, or what writes it when it is read: where most never are. */
export type Entry = string | (() => string);

/** An entry in its place. */
export interface Line<Text extends Entry = string> {
  /** Its place, from 1. */
  readonly index: number;
  /** Its random characters. */
  readonly tag: string;
  /** Those of the entry before. */
  readonly previousTag: string;
  /** What was written, as JSON text. */
  readonly text: Text;
  /** How long the text is, about. */
  readonly length: number;
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
export class ModelJournal<Text extends Entry = string> {
  #lines: Line<Text>[] = [];
  /** How many of the lines are dropped already; they are cut off when they are half of all. */
  #dropped = 0;
  #bytes = 0;
  #head: JournalPosition = { epoch: NO_EPOCH, index: 0, tag: "" };
  readonly #known = new Map<string, Known>();
  /** Commits that failed, the oldest first. */
  readonly #refused = new Map<string, Refusal & Pick<Known, "digest">>();
  /** The positions of sources; the one that wrote last stands last. */
  readonly #sources = new Map<string, number>();

  /** Where the journal ends. */
  get head(): JournalPosition {
    return this.#head;
  }

  /** What is known of a commit before it is made; `undefined` if it is to be made. */
  earlier({ token, digest, position }: CommitOptions): CommitResult | undefined {
    const known = this.#known.get(token);
    if (known !== undefined) {
      if (known.digest !== digest) return { kind: "reused" };
      return { kind: "done", writes: known.writes, isRepeat: true };
    }
    if (position === undefined) return undefined;
    const reached = this.#sources.get(position.source);
    if (reached === undefined) return position.index > 1 ? { kind: "unknown" } : undefined;
    return position.index <= reached ? { kind: "passed" } : undefined;
  }

  /** What a token met before, if it did. */
  refusedBefore({ token, digest }: CommitOptions): Refusal | "reused" | undefined {
    const refused = this.#refused.get(token);
    return refused !== undefined && refused.digest !== digest ? "reused" : refused;
  }

  /** Remembers that a commit failed. */
  refuse({ token, digest }: CommitOptions, { kind, at, claim }: Refusal): void {
    this.#refused.set(token, { digest, kind, at, claim });
    forgetFirst(this.#refused, REFUSALS_MAX);
  }

  /** Adds an entry. A journal that begins gets its epoch. */
  append(
    text: Text,
    tag: string,
    atMs: number,
    begun: string = tag,
    length: number = text.length,
  ): Line<Text> {
    const { epoch, index, tag: previousTag } = this.#head;
    const line: Line<Text> = {
      index: index + 1,
      tag,
      previousTag,
      text,
      length,
      atMs,
      token: undefined,
    };
    this.#lines.push(line);
    this.#bytes += length;
    this.#head = { epoch: epoch === NO_EPOCH ? begun : epoch, index: line.index, tag };
    return line;
  }

  /** Remembers a commit for as long as its last entry stays. */
  remember({ token, digest, position }: CommitOptions, writes: readonly Written[]): void {
    const last = this.#lines.at(-1);
    if (last !== undefined) last.token = token;
    this.#known.set(token, { digest, writes });
    if (position !== undefined) this.#move(position);
  }

  /** Drops what is past the bounds. */
  trim({ entriesMax, bytesMax, ageMsMax }: JournalBounds, nowMs: number): void {
    for (let line = this.#lines[this.#dropped]; line !== undefined;) {
      const kept = this.#lines.length - this.#dropped;
      const isIn = kept <= entriesMax && this.#bytes <= bytesMax && nowMs - line.atMs <= ageMsMax;
      if (isIn) break;
      this.#bytes -= line.length;
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
    const head = this.#head;
    if (after === undefined) return { kind: "entries", entries: [], head };
    if (!this.#continues(after)) return { kind: "reset", head };
    const first = this.#offsetOf(after.index + 1);
    const entries = this.#lines.slice(first, first + limit)
      .map(({ index, tag, text }) => ({ index, tag, entry: written(text) }));
    return { kind: "entries", entries, head };
  }

  /** Whether the journal still has everything after a position, and the position is its own. */
  #continues({ epoch, index, tag }: JournalPosition): boolean {
    const head = this.#head;
    if (epoch !== head.epoch && !(epoch === NO_EPOCH && index === 0)) return false;
    if (index === head.index) return tag === head.tag;
    const at = this.#offsetOf(index + 1);
    return at >= this.#dropped && this.#lines[at]?.previousTag === tag;
  }

  #offsetOf(index: number): number {
    return index - (this.#lines[0]?.index ?? 1);
  }

  #move({ source, index }: SourcePosition): void {
    this.#sources.delete(source);
    this.#sources.set(source, index);
    forgetFirst(this.#sources, SOURCES_MAX);
  }
}

function written(text: Entry): string {
  return typeof text === "string" ? text : text();
}

function forgetFirst(map: Map<string, unknown>, sizeMax: number): void {
  if (map.size <= sizeMax) return;
  for (const [first] of map) {
    map.delete(first);
    return;
  }
}
