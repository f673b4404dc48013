/**
 * The memory driver of the port of logs.
 *
 * @module
 */

import type { Clock } from "../../src/clock.ts";
import type { LogPosition, LogShape, LogStore, LogStoreOptions } from "../../src/log/port.ts";
import { logChannel } from "../../src/log/port.ts";
import type { WakeFeed } from "../../src/wakes/port.ts";
import { LogLines } from "./log_lines.ts";

/** What {@linkcode memoryLogStore} needs. */
export interface MemoryLogOptions {
  /** By which entries age and leases end. */
  readonly clock: Clock;
  /** Where wake-ups go. */
  readonly wakes: WakeFeed;
}

/** A store of logs in memory. Who shares the value shares the logs. */
export function memoryLogStore({ clock, wakes }: MemoryLogOptions): LogStore {
  const logs = new Map<string, LogLines>();

  const linesOf = ({ name }: LogShape, { signal }: LogStoreOptions = {}): LogLines => {
    signal?.throwIfAborted();
    let lines = logs.get(name);
    if (lines === undefined) logs.set(name, lines = new LogLines());
    return lines;
  };

  // Never fails: position and channel are our own.
  const wake = ({ name }: LogShape, last: LogPosition, previousTag: string, entry?: string) =>
    void wakes.publish(logChannel(name), { ...last, previousTag, entry });

  // Each method is async only so that a throw is a rejection; none waits between its first and its last step.
  return {
    // deno-lint-ignore require-await
    async append(log, entries, order) {
      const lines = linesOf(log, order);
      const { tag } = lines.state().head;
      const result = lines.append(log, entries, order);
      if (result.kind !== "done" || result.isRepeat) return result;
      if (entries.length === 1) wake(log, result.last, tag, entries[0]);
      else wake(log, result.last, result.last.tag);
      return result;
    },
    // deno-lint-ignore require-await
    async read(log, after, options) {
      return linesOf(log, options).read(after, options.limit);
    },
    // deno-lint-ignore require-await
    async state(log, options) {
      return linesOf(log, options).state();
    },
    // deno-lint-ignore require-await
    async fence(log, token, options) {
      return linesOf(log, options).fence(token);
    },
    // deno-lint-ignore require-await
    async seal(log, fence, options) {
      const head = linesOf(log, options).seal(fence);
      // A hint of an entry that does not come, so that whoever reads looks and finds the end.
      if (head !== undefined) {
        wake(log, { ...head, index: head.index + 1, tag: "sealed" }, head.tag);
      }
      return head;
    },
    // deno-lint-ignore require-await
    async trim(log, order) {
      return linesOf(log, order).trim(log, order, clock.now());
    },
    // deno-lint-ignore require-await
    async snapshot(log, options) {
      return linesOf(log, options).snapshot;
    },
    // deno-lint-ignore require-await
    async commit(log, consumer, position, options) {
      return linesOf(log, options).commit(log, consumer, position, clock.now());
    },
  };
}
