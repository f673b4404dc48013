/**
 * The memory driver of the port of nodes.
 *
 * @module
 */

import { HoldfastError } from "../../src/errors.ts";
import type { Entry } from "../../src/raft/core/message.ts";
import type {
  EntryRange,
  OpenedStore,
  RaftStore,
  StoreAnswer,
  StoreNode,
  StoreOptions,
} from "../../src/raft/port.ts";
import { RaftRecord } from "./raft_record.ts";

/** A store in memory, and the power to let it lose what is not synced. */
export interface MemoryRaftStore extends RaftStore {
  /** From now on no write is durable, nor answered, before the next {@linkcode MemoryRaftStore.sync}. */
  hold(): void;
  /** Makes durable what waits, in its order; later writes are durable at once again. */
  sync(): void;
  /** Loses what waits: those writes fail with `ERR_UNAVAILABLE`, and have not happened. */
  crash(): void;
}

interface HeldWrite {
  run(): void;
  fail(error: HoldfastError): void;
}

/** A store of nodes in memory. Who shares the value shares the logs. */
export function memoryRaftStore(): MemoryRaftStore {
  const records = new Map<string, RaftRecord>();
  let held: HeldWrite[] | undefined;

  const recordOf = ({ namespace, id }: StoreNode, { signal }: StoreOptions = {}): RaftRecord => {
    signal?.throwIfAborted();
    const key = JSON.stringify([namespace, id]);
    let record = records.get(key);
    if (record === undefined) records.set(key, record = new RaftRecord());
    return record;
  };
  const write = (run: () => StoreAnswer): Promise<StoreAnswer> => {
    const waiting = held;
    if (waiting === undefined) return Promise.resolve(run());
    return new Promise((resolve, reject) => {
      waiting.push({ run: () => resolve(run()), fail: reject });
    });
  };

  // Each method is async only so that a throw is a rejection.
  return {
    // deno-lint-ignore require-await
    async open(node, order, options) {
      const record = recordOf(node, options);
      return openedOf(record, record.open(order.owner, order.incarnation), order.bytesMax);
    },
    async save(node, proof, save, options) {
      const record = recordOf(node, options);
      return await write(() => record.write(proof, () => record.save(save)));
    },
    async stage(node, proof, piece, options) {
      const record = recordOf(node, options);
      return await write(() => record.write(proof, () => record.stage(piece)));
    },
    async publish(node, proof, publication, options) {
      const record = recordOf(node, options);
      return await write(() => record.write(proof, () => record.publish(publication)));
    },
    // deno-lint-ignore require-await
    async entries(node, range, options) {
      return some(recordOf(node, options), range, 2);
    },
    // deno-lint-ignore require-await
    async piece(node, { index, offset, bytesMax }, options) {
      const { snapshot } = recordOf(node, options);
      if (snapshot?.meta.index !== index) return undefined;
      const data = snapshot.data.slice(offset, offset + bytesMax);
      return { data, isLast: offset + data.length >= snapshot.data.length };
    },
    // deno-lint-ignore require-await
    async forget({ namespace, id }) {
      records.delete(JSON.stringify([namespace, id]));
    },
    hold() {
      held ??= [];
    },
    sync() {
      const due = held ?? [];
      held = undefined;
      for (const each of due) each.run();
    },
    crash() {
      const lost = held ?? [];
      held = undefined;
      const error = new HoldfastError("ERR_UNAVAILABLE", "Cannot write as the store crashed");
      for (const each of lost) each.fail(error);
    },
  };
}

function openedOf(record: RaftRecord, epoch: number, bytesMax: number): OpenedStore {
  const { incarnation, hardState, commit, base, snapshot, lastIndex } = record;
  const range = { from: base.index + 1, to: lastIndex + 1, bytesMax };
  const entries = some(record, range, 1);
  return {
    epoch,
    incarnation,
    hardState,
    commit,
    snapshot: snapshot?.meta,
    base,
    entries,
    lastIndex,
  };
}

function some(record: RaftRecord, range: EntryRange, least: number): readonly Entry[] {
  const found = record.range(range.from, range.to);
  let bytes = 0;
  const end = found.findIndex((entry, at) => {
    bytes += entry.kind === "command" ? entry.data.length : 0;
    return at >= least && bytes > range.bytesMax;
  });
  return end < 0 ? found : found.slice(0, end);
}
