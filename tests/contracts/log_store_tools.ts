/**
 * What the suites of the log's store share: a log, and short words for its calls.
 *
 * @module
 */

import type {
  LogAppendOrder,
  LogAppendResult,
  LogPosition,
  LogShape,
  LogStore,
} from "../../src/log/port.ts";
import type { Bench } from "./harness.ts";

/** Registers one test of a log's store. */
export type OnLogs = (name: string, run: (bench: Bench<LogStore>) => Promise<void>) => void;

/** A log whose bounds no test meets that does not want to. */
export const PLAIN_LOG: LogShape = {
  name: "orders",
  entriesMax: 1_000_000,
  bytesMax: 67_108_864,
  ageMsMax: Infinity,
};

/** Short words for the calls of one writer, whose every append is a new one. */
export interface LogWriting {
  /** Appends, whatever comes of it. */
  append(texts: readonly string[], order?: Partial<LogAppendOrder>): Promise<LogAppendResult>;
  /** Appends, and gives the last position. */
  done(texts: readonly string[], order?: Partial<LogAppendOrder>): Promise<LogPosition>;
}

/** A writer of a log. Names and tags follow from `who`, so that writers of one test differ. */
export function logWriter(store: LogStore, log: LogShape = PLAIN_LOG, who = "w"): LogWriting {
  let count = 0;
  const append: LogWriting["append"] = (texts, order = {}) => {
    count++;
    const writer = { id: `${who}-${count}`, sequence: 1 };
    const plain = { writer, tag: `t${who}${count}`, expect: undefined, fence: undefined };
    return store.append(log, texts, { ...plain, ...order });
  };
  return {
    append,
    done: async (texts, order) => {
      const result = await append(texts, order);
      if (result.kind !== "done") throw new Error(`must be appended: ${result.kind}`);
      return result.last;
    },
  };
}

/** The texts after a position; fails for any other answer. */
export async function textsAfter(
  store: LogStore,
  after?: LogPosition,
  log: LogShape = PLAIN_LOG,
): Promise<readonly string[]> {
  const answer = await store.read(log, after, { limit: 1_000 });
  if (answer.kind !== "entries") throw new Error(`must be entries: ${answer.kind}`);
  return answer.entries.map(({ entry }) => entry);
}
