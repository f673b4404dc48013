/**
 * The ground that the requests of one connection stand on: who it is, its documents, and where effects go.
 *
 * @module
 */

import { epochBornAtMs } from "../change.ts";
import type { Effect } from "./effects.ts";
import { enter, leave } from "./lanes.ts";
import { isIdle, type Line, newLine } from "./line.ts";
import { forgottenAt, impossibleAt } from "./read_replies.ts";
import type { ServerMessage } from "./replies.ts";
import { Streams } from "./streams.ts";
import type { Identity, LeaveTask, ReadTask, SubmitTask } from "./tasks.ts";

/** How much the clocks of two servers may differ, in milliseconds, before an id passes for younger than it is. */
export const CLOCK_ERROR_MS_MAX = 5_000;
/** Of how many collections it is remembered what a connection was sent of them. */
const SENT_COLLECTIONS_MAX = 1_000;
/** Of how many more journals of one: there may be one for each of its shards. */
const SENT_EPOCHS_MAX = 127;

/** What is known of a connection once it has said who it is. */
export interface GroundOptions {
  /** Who it is. */
  readonly who: Identity;
  /** Whether it knows our own additions to the protocol. */
  readonly isOurs: boolean;
  /** The URI of the type that goes without saying. */
  readonly defaultType: string;
  /** Takes each effect, in order. */
  readonly emit: (effect: Effect) => void;
}

/** Requests that wait for others of the same document. */
export type LinedTask = ReadTask | LeaveTask | SubmitTask;

/** The documents of one connection, and what all of its requests need. */
export class Ground {
  /** Who it is. */
  readonly who: Identity;
  /** Whether it knows our own additions to the protocol. */
  readonly isOurs: boolean;
  /** The URI of the type that goes without saying. */
  readonly defaultType: string;
  /** Takes each effect, in order. */
  readonly emit: (effect: Effect) => void;
  /** The operations of the documents that are subscribed to. */
  readonly streams: Streams;
  /** How many requests are at work or wait. */
  requests = 0;
  readonly #start: (task: LinedTask) => void;
  /** Made with the first document: many connections have none. */
  #lines: Map<string, Map<string, Line>> | undefined;
  /** The one that was asked for last: mostly it is asked for again (bench/documents_bench.ts). */
  #last: Line | undefined;
  /** An idle one that is not forgotten before another is. */
  #idle: Line | undefined;
  /** What was vouched for last. */
  #vouched: { readonly collection: string; readonly epoch: string } | undefined;

  /** Begins without any document. `start` begins a request whose turn it is, `read` reads on where a stream is. */
  constructor(
    options: GroundOptions,
    start: (task: LinedTask) => void,
    read: (line: Line) => void,
  ) {
    this.who = options.who;
    this.isOurs = options.isOurs;
    this.defaultType = options.defaultType;
    this.emit = options.emit;
    this.#start = start;
    this.streams = new Streams({ emit: options.emit, read, tellsHeads: options.isOurs });
    this.streams.know(options.who.id);
  }

  /** The line of a document. */
  line(collection: string, id: string): Line {
    const known = this.lineIfAny(collection, id);
    if (known !== undefined) return known;
    const line = newLine(collection, id);
    this.#lines ??= new Map();
    const lines = this.#lines.get(collection);
    if (lines === undefined) this.#lines.set(collection, new Map([[id, line]]));
    else lines.set(id, line);
    return this.#last = line;
  }

  /** The line of a document that something is going on with. */
  lineIfAny(collection: string, id: string): Line | undefined {
    const last = this.#last;
    if (last !== undefined && last.id === id && last.collection === collection) return last;
    const line = this.#lines?.get(collection)?.get(id);
    if (line !== undefined) this.#last = line;
    return line;
  }

  /** All lines of a collection. */
  linesOf(collection: string): Iterable<Line> {
    return this.#lines?.get(collection)?.values() ?? [];
  }

  /** All lines. */
  *allLines(): Iterable<Line> {
    for (const lines of this.#lines?.values() ?? []) yield* lines.values();
  }

  /** A request waits for its turn. */
  enter(task: LinedTask): void {
    this.requests++;
    if (enter(task)) this.#start(task);
  }

  /** A request is answered: those behind it have their turn. */
  leave(task: LinedTask, lines: readonly Line[]): void {
    this.requests--;
    for (const next of leave(task)) this.#start(next);
    this.clear(lines);
  }

  /** Forgets those lines that nothing keeps, but for the last. */
  clear(lines: readonly Line[]): void {
    for (const line of lines) if (isIdle(line)) this.#forget(line);
  }

  #forget(idle: Line): void {
    const line = this.#idle;
    this.#idle = idle;
    if (line === undefined || line === idle || !isIdle(line)) return;
    const lines = this.#lines?.get(line.collection);
    // Another one may have begun under its name.
    if (lines?.get(line.id) !== line) return;
    if (this.#last === line) this.#last = undefined;
    lines.delete(line.id);
    if (lines.size === 0) this.#lines?.delete(line.collection);
  }

  /** Sends a message. */
  send(message: ServerMessage): void {
    this.emit({ kind: "send", message });
  }

  /** Ends the connection as something failed here: its client comes back, and says what it has. */
  fail(reason: string): void {
    this.emit({ kind: "close", close: { code: 4500, reason } });
  }

  /** Makes an unmodified client forget a document that it has at this version, and ask anew. */
  startOver(line: Line, version: number): void {
    const document = { c: line.collection, d: line.id };
    line.isStartingOver = true;
    this.send(forgottenAt(document, version));
    this.send(impossibleAt(document, version + 1));
  }

  /** The client was sent something of this epoch: from now on what it has is of no earlier life of the data. */
  vouch(collection: string, epoch: string): void {
    if (epoch === "") return;
    if (this.#vouched?.epoch === epoch && this.#vouched.collection === collection) return;
    this.#vouched = { collection, epoch };
    const epochs = this.who.sent.epochs ??= new Map();
    const known: readonly string[] = epochs.get(collection) ?? [];
    const journal = journalOf(epoch);
    if (known.includes(journal)) return;
    if (known.length > 0 || epochs.size < SENT_COLLECTIONS_MAX) {
      epochs.set(collection, [...known.slice(-SENT_EPOCHS_MAX), journal]);
    } else this.who.sent.isAll = false;
  }

  /**
   * Whether what a client has that said no epoch may be of an earlier life of the data: it was sent something of another
   * one, or may have been by another process, since the data around the document was begun after its id was given.
   */
  isStale(collection: string, epoch: string, version: number): boolean {
    const { sent: { isAll, epochs }, givenAtMs } = this.who;
    const known = epochs?.get(collection);
    if (version === 0 || known?.includes(journalOf(epoch))) return false;
    if (isAll && known === undefined) return false;
    return epochBornAtMs(epoch) + CLOCK_ERROR_MS_MAX > givenAtMs;
  }
}

/** The part of a document's epoch that it shares with its whole journal. */
function journalOf(epoch: string): string {
  return epoch.split(".", 1)[0] ?? epoch;
}
