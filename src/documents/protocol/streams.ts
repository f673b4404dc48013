/**
 * The operations of others on one connection: when each of them leaves.
 *
 * @module
 */

import type { Op } from "../change.ts";
import type { Effect } from "./effects.ts";
import { HEARTBEAT_HEADS_MAX } from "./limits.ts";
import { hold, judge, type Line, newStream, sentTo, type Stream } from "./line.ts";
import type { HeartbeatMessage } from "./replies.ts";
import type { SubmitTask } from "./tasks.ts";

/** The most earlier ids of its own that a connection is called by in its operations. */
const IDS_MAX = 32;

/** What the streams of a connection need. */
export interface StreamsOptions {
  /** Takes each effect, in order. */
  readonly emit: (effect: Effect) => void;
  /** Reads a document from where its stream is. */
  readonly read: (line: Line) => void;
  /** Whether heads of what changed are told now and then. */
  readonly tellsHeads: boolean;
}

/** The streams of one connection's documents. */
export class Streams {
  readonly #options: StreamsOptions;
  #ids: string[] = [];
  #changed: Set<Line> | undefined;
  #isPaused = false;
  #count = 0;

  /** Begins without any stream. */
  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  /** How many documents are subscribed to. */
  get count(): number {
    return this.#count;
  }

  /** An id under which this connection knows itself: its operations come back to it under that one. */
  know(id: string): void {
    if (this.#ids.length < IDS_MAX && !this.#ids.includes(id)) this.#ids.push(id);
  }

  /** A client subscribes to a document: its stream begins, or is there already; held. */
  begin(line: Line): void {
    this.#count++;
    if (line.stream === undefined) line.stream = newStream();
    else line.stream.holds++;
    line.stream.isSubscribed = true;
  }

  /** A subscription ends, and with it the stream, unless a result needs it. */
  end(line: Line): void {
    if (!line.stream?.isSubscribed) return;
    this.#count--;
    line.stream.isSubscribed = false;
    this.#drop(line, line.stream);
  }

  /** A document is in one result more. Gives its stream, held, if it begins with that. */
  keep(line: Line): Stream | undefined {
    const known = line.stream;
    const stream = line.stream ??= newStream();
    stream.results++;
    return known === undefined ? stream : undefined;
  }

  /** A document is in one result less. */
  letGo(line: Line): void {
    if (line.stream === undefined || line.stream.results === 0) return;
    line.stream.results--;
    this.#drop(line, line.stream);
  }

  #drop(line: Line, { isSubscribed, results }: Stream): void {
    if (isSubscribed || results > 0) return;
    this.#changed?.delete(line);
    line.stream = undefined;
  }

  /** The journal tells of an operation. */
  tell(line: Line, stream: Stream, epoch: string, op: Op): void {
    if (this.#isPaused) {
      stream.isBehind = true;
      return;
    }
    const verdict = judge(stream, epoch, op);
    if (verdict === "read") return this.mend(line, stream);
    if (verdict !== "send") return;
    const own = ownTask(line, op);
    if (own !== undefined) {
      own.toldBy = stream;
      stream.holds++;
      hold(stream, epoch, op);
      return;
    }
    this.sendOp(line, epoch, op);
    sentTo(stream, epoch, op.version + 1, op.tag);
  }

  /** Something may be missing: the document is read, now or as soon as nothing is on its way. */
  mend(line: Line, stream: Stream): void {
    if (this.#isPaused || stream.holds > 0) {
      stream.isBehind = true;
      return;
    }
    stream.isBehind = false;
    this.#options.read(line);
  }

  /** One thing less is on its way: what waited for it leaves. */
  release(line: Line, stream: Stream): void {
    if (--stream.holds > 0 || line.stream !== stream) return;
    const { held } = stream;
    stream.held = undefined;
    if (stream.isBehind) return this.mend(line, stream);
    for (const { epoch, op } of held ?? []) this.tell(line, stream, epoch, op);
  }

  /** Sends an operation; to its author under the id that the author knows. */
  sendOp(line: Line, epoch: string, op: Op): void {
    const { collection, id } = line;
    const source = this.#idOf(op.source);
    this.#options.emit({ kind: "sendOp", collection, id, epoch, op, source });
    if (this.#options.tellsHeads && line.stream !== undefined) {
      (this.#changed ??= new Set()).add(line);
    }
  }

  /** The id of this connection that is shown as this source. */
  #idOf(source: string): string | undefined {
    for (const id of this.#ids) if (isSourceOf(id, source)) return id;
    return undefined;
  }

  /** The heads of documents that changed since the last time, for a client that knows what they mean. */
  beat(): HeartbeatMessage {
    const heads: Record<string, Record<string, readonly [version: number, epoch: string]>> = {};
    let count = 0;
    for (const line of this.#changed ?? []) {
      if (count === HEARTBEAT_HEADS_MAX) break;
      this.#changed?.delete(line);
      if (line.stream === undefined) continue;
      (heads[line.collection] ??= {})[line.id] = [line.stream.next, line.stream.epoch];
      count++;
    }
    return count === 0 ? { a: "hb" } : { a: "hb", b: heads };
  }

  /** The reader is slow: operations of others are left out until `resume`. */
  pause(): void {
    this.#isPaused = true;
  }

  /** The reader has caught up: what was left out is read. */
  resume(lines: Iterable<Line>): void {
    this.#isPaused = false;
    for (const line of lines) if (line.stream?.isBehind) this.mend(line, line.stream);
  }
}

/** Whether an id is the one that is shown as this source: its beginning, up to a dot or the end. */
function isSourceOf(id: string, source: string): boolean {
  return id.startsWith(source) && (id.length === source.length || id[source.length] === ".");
}

/** The submission that is at work, if this is its operation. */
function ownTask({ submits }: Line, op: Op): SubmitTask | undefined {
  // A lane of submissions holds nothing else.
  const task = submits.tasks?.[0] as SubmitTask | undefined;
  const isOwn = task !== undefined && task.request.seq === op.sequence &&
    isSourceOf(task.source, op.source);
  return isOwn ? task : undefined;
}
