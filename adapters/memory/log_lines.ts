/**
 * One log in memory: its lines, and what its writers, fences and consumers left.
 *
 * @module
 */

import {
  CONSUMER_LEASE_MS,
  CONSUMERS_MAX,
  ENTRY_COST_BYTES,
  FENCES_MAX,
  LOG_REFUSALS_MAX,
  type LogAppendOrder,
  type LogAppendResult,
  type LogCommitResult,
  type LogPosition,
  type LogRead,
  type LogShape,
  type LogSnapshot,
  type LogState,
  type LogTrimOrder,
  type LogTrimResult,
  MARKS_MAX,
  NO_ENTRIES,
  READ_BYTES_MAX,
  TRIM_ENTRIES_MAX,
  WRITER_COST_BYTES,
  WRITER_MEMORY_MS,
  WRITERS_MAX,
} from "../../src/log/port.ts";

/** An entry in its place. */
interface Line {
  readonly tag: string;
  readonly text: string;
  readonly bytes: number;
  /** Who wrote it, at the last entry of an append. */
  readonly writer: string | undefined;
}

/** A writer's last append. */
interface Written {
  readonly sequence: number;
  readonly first: LogPosition;
  readonly last: LogPosition;
}

/** A consumer, and when it committed last. */
interface Consumer {
  readonly position: LogPosition;
  readonly atMs: number;
}

type Place = "here" | "trimmed" | "regressed";

/** A log. */
export class LogLines {
  #lines: Line[] = [];
  #head = NO_ENTRIES;
  #start = NO_ENTRIES;
  #bytes = 0;
  #fence: string | undefined;
  #isSealed = false;
  #snapshot: LogSnapshot | undefined;
  #marks: { readonly index: number; readonly atMs: number }[] = [];
  readonly #fences = new Set<string>();
  readonly #refused = new Set<string>();
  readonly #writers = new Map<string, Written>();
  /** Writers whose last entry is gone, and since when; the first to go stands first. */
  readonly #fading = new Map<string, number>();
  readonly #consumers = new Map<string, Consumer>();

  /** The port's `append`. */
  append(shape: LogShape, texts: readonly string[], order: LogAppendOrder): LogAppendResult {
    const known = this.#earlier(order);
    if (known !== undefined) return known;
    if (this.#isSealed) return { kind: "sealed" };
    if (this.#fence !== order.fence) return { kind: "fenced" };
    const unmet = this.#unmet(order.expect);
    if (unmet !== undefined) return unmet;
    return this.#added(shape, texts, order);
  }

  /** The port's `read`. */
  read(position: LogPosition | undefined, limit: number): LogRead {
    const after = position ?? this.#start;
    const place = this.#placeOf(after);
    if (place === "trimmed") return { kind: place, start: this.#start };
    if (place === "regressed") return { kind: place };
    const from = after.index - this.#start.index;
    const entries = [];
    for (let at = from, bytes = 0; at < from + limit && bytes < READ_BYTES_MAX; at++) {
      const line = this.#lines[at];
      if (line === undefined) break;
      bytes += line.bytes;
      entries.push({ index: this.#start.index + at + 1, tag: line.tag, entry: line.text });
    }
    return { kind: "entries", entries, head: this.#head, isSealed: this.#isSealed };
  }

  /** The port's `state`. */
  state(): LogState {
    const consumers = [...this.#consumers].map(([name, { position }]) => [name, position] as const);
    return {
      head: this.#head,
      start: this.#start,
      bytes: this.#bytes,
      isFenced: this.#fence !== undefined,
      isSealed: this.#isSealed,
      snapshot: this.#snapshot?.position,
      consumers: new Map(consumers),
    };
  }

  /** The port's `fence`. */
  fence(token: string): LogPosition | undefined {
    if (this.#fences.has(token)) return undefined;
    if (this.#fence !== undefined && this.#fence !== token) {
      remember(this.#fences, this.#fence, FENCES_MAX);
    }
    this.#fence = token;
    return this.#head;
  }

  /** The port's `seal`. */
  seal(fence: string | undefined): LogPosition | undefined {
    if (this.#fence !== fence) return undefined;
    this.#isSealed = true;
    return this.#head;
  }

  /** The port's `trim`. */
  trim(shape: LogShape, { snapshot, upTo, isForced }: LogTrimOrder, nowMs: number): LogTrimResult {
    for (const position of [snapshot?.position, upTo]) {
      const place = position === undefined ? "here" : this.#placeOf(position);
      if (place === "regressed") return { kind: place };
      if (place === "trimmed" && position !== upTo) return { kind: place, start: this.#start };
    }
    if (snapshot !== undefined && this.#snapshot !== undefined) {
      const { position } = this.#snapshot;
      if (position.index > snapshot.position.index) return { kind: "behind", snapshot: position };
    }
    if (snapshot !== undefined) this.#snapshot = snapshot;
    const end = upTo?.index ?? Infinity;
    const goal = Math.min(end, isForced ? end : this.#coveredUpTo(shape, nowMs));
    const target = Math.min(goal, this.#start.index + TRIM_ENTRIES_MAX, this.#head.index);
    if (target > this.#start.index) this.#drop(target - this.#start.index, nowMs);
    this.#forget(nowMs);
    this.#mark(shape, nowMs);
    const isDone = Math.min(goal, this.#head.index) <= this.#start.index;
    return { kind: "done", start: this.#start, isDone };
  }

  /** The port's `snapshot`. */
  get snapshot(): LogSnapshot | undefined {
    return this.#snapshot;
  }

  /** The port's `commit`. */
  commit(
    shape: LogShape,
    name: string,
    position: LogPosition | undefined,
    nowMs: number,
  ): LogCommitResult {
    if (position === undefined) {
      this.#consumers.delete(name);
      return { kind: "done", position };
    }
    const place = this.#placeOf(position);
    if (place === "regressed") return { kind: place };
    const before = this.#consumers.get(name)?.position;
    const isBehind = before !== undefined && before.index > position.index;
    if (place === "trimmed" && !isBehind) return { kind: place, start: this.#start };
    if (before === undefined && this.#consumers.size >= CONSUMERS_MAX) return { kind: "full" };
    const now = isBehind ? before : position;
    this.#consumers.set(name, { position: now, atMs: nowMs });
    this.#mark(shape, nowMs);
    return { kind: "done", position: now };
  }

  /** What is known of an append before it is made. */
  #earlier({ writer: { id, sequence } }: LogAppendOrder): LogAppendResult | undefined {
    const written = this.#writers.get(id);
    if (written?.sequence === sequence) {
      return { kind: "done", ...placesOf(written), isRepeat: true };
    }
    if (this.#refused.has(`${id} ${sequence}`)) return { kind: "full" };
    const isOld = written === undefined ? sequence > 1 : sequence < written.sequence;
    return isOld ? { kind: "unknown" } : undefined;
  }

  #unmet(expect: LogPosition | undefined): LogAppendResult | undefined {
    if (expect === undefined) return undefined;
    if (this.#placeOf(expect) === "regressed") return { kind: "regressed" };
    return expect.index === this.#head.index ? undefined : { kind: "conflict", head: this.#head };
  }

  #added(
    shape: LogShape,
    texts: readonly string[],
    { writer, tag }: LogAppendOrder,
  ): LogAppendResult {
    const encoder = new TextEncoder();
    const lines = texts.map((text, at): Line => {
      const isLast = at === texts.length - 1;
      const bytes = encoder.encode(text).length;
      return { tag, text, bytes, writer: isLast ? writer.id : undefined };
    });
    const more = costOf(lines) + (this.#writers.has(writer.id) ? 0 : WRITER_COST_BYTES);
    if (
      this.#lines.length + lines.length > shape.entriesMax || this.#bytes + more > shape.bytesMax
    ) {
      remember(this.#refused, `${writer.id} ${writer.sequence}`, LOG_REFUSALS_MAX);
      return { kind: "full" };
    }
    const epoch = this.#head.index === 0 ? tag : this.#head.epoch;
    if (this.#head.index === 0) this.#start = { ...this.#start, epoch };
    const first = { epoch, index: this.#head.index + 1, tag };
    this.#head = { epoch, index: this.#head.index + lines.length, tag };
    this.#bytes += more;
    for (const line of lines) this.#lines.push(line);
    const written = { sequence: writer.sequence, first, last: this.#head };
    this.#writers.set(writer.id, written);
    this.#fading.delete(writer.id);
    return { kind: "done", ...placesOf(written), isRepeat: false };
  }

  #placeOf({ epoch, index, tag }: LogPosition): Place {
    const isOfAll = epoch === NO_ENTRIES.epoch && index === 0;
    if ((epoch !== this.#head.epoch && !isOfAll) || index > this.#head.index) return "regressed";
    if (index < this.#start.index) return "trimmed";
    const own = index === this.#start.index
      ? this.#start.tag
      : this.#lines[index - this.#start.index - 1]?.tag;
    return own === tag ? "here" : "regressed";
  }

  /** Up to where nobody needs the entries any more. */
  #coveredUpTo({ ageMsMax }: LogShape, nowMs: number): number {
    const needed = [...this.#consumers.values()]
      .filter(({ atMs }) => nowMs - atMs < CONSUMER_LEASE_MS)
      .map(({ position }) => position.index);
    const covered = Math.min(this.#snapshot?.position.index ?? 0, ...needed);
    const aged = this.#marks.findLast(({ atMs }) => nowMs - atMs >= ageMsMax)?.index ?? 0;
    return Math.max(covered, aged);
  }

  #drop(count: number, nowMs: number): void {
    const dropped = this.#lines.slice(0, count);
    this.#lines = this.#lines.slice(count);
    this.#bytes -= costOf(dropped);
    const index = this.#start.index + count;
    this.#start = { epoch: this.#head.epoch, index, tag: dropped.at(-1)?.tag ?? "" };
    for (const { writer } of dropped) {
      const last = writer === undefined ? Infinity : this.#writers.get(writer)?.last.index ?? 0;
      if (writer !== undefined && last <= index) this.#fading.set(writer, nowMs);
    }
  }

  #forget(nowMs: number): void {
    for (const [writer, sinceMs] of this.#fading) {
      if (this.#fading.size <= WRITERS_MAX && nowMs - sinceMs < WRITER_MEMORY_MS) return;
      this.#fading.delete(writer);
      this.#writers.delete(writer);
      this.#bytes -= WRITER_COST_BYTES;
    }
  }

  #mark({ ageMsMax }: LogShape, atMs: number): void {
    const last = this.#marks.at(-1);
    const isNew = last === undefined ||
      (this.#head.index > last.index && atMs - last.atMs >= ageMsMax * 2 / MARKS_MAX);
    if (ageMsMax < Infinity && isNew) this.#marks.push({ index: this.#head.index, atMs });
    if (this.#marks.length > MARKS_MAX) this.#marks.shift();
  }
}

function placesOf({ first, last }: Written): Pick<Written, "first" | "last"> {
  return { first, last };
}

function costOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { bytes }) => sum + bytes + ENTRY_COST_BYTES, 0);
}

function remember(set: Set<string>, text: string, sizeMax: number): void {
  set.add(text);
  for (const first of set) {
    if (set.size <= sizeMax) return;
    set.delete(first);
  }
}
