/**
 * How a process comes to what its store has: it takes the store over, reads the log in parts, and brings its state
 * machine to the snapshot.
 *
 * @module
 */

import { backoffMs, type BackoffOptions } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import { HoldfastError } from "../errors.ts";
import type { Random } from "../random.ts";
import { sleep } from "../waiting.ts";
import { readSnapshot } from "./applying.ts";
import type { LoadedState } from "./core/loaded.ts";
import type { Entry } from "./core/message.ts";
import type { OpenedStore, RaftStore, StoreNode } from "./port.ts";
import type { LoopMachine } from "./replicated.ts";

/** What opening needs. */
export interface OpeningParts {
  readonly store: RaftStore;
  readonly node: StoreNode;
  readonly owner: string;
  /** The life that begins if the store is empty. */
  readonly incarnation: number;
  readonly machine: LoopMachine<unknown>;
  readonly clock: Clock;
  readonly random: Random;
  readonly retry: BackoffOptions;
  readonly signal: AbortSignal;
  /** The store did not answer; it is asked again. */
  failed(error: unknown, attempt: number): void;
}

/** What a process begins with. */
export interface Opened {
  readonly loaded: LoadedState;
  readonly epoch: number;
  readonly incarnation: number;
}

const PAGE_BYTES = 4 * 1024 * 1024;

/**
 * Opens a node's store, however long that takes.
 *
 * @throws {HoldfastError} `ERR_STORE_REGRESSED` if the store lacks a part of what it must have. @throws the signal's reason.
 */
export async function openStore(parts: OpeningParts): Promise<Opened> {
  for (let attempt = 0;; attempt++) {
    parts.signal.throwIfAborted();
    try {
      return await tryToOpen(parts);
    } catch (error) {
      // Whatever the store fails with; what it lost does not come back.
      parts.signal.throwIfAborted();
      if (HoldfastError.is(error, "ERR_STORE_REGRESSED")) throw error;
      parts.failed(error, attempt);
      const { clock, retry, random, signal } = parts;
      await sleep(clock, backoffMs(attempt, retry, random), { signal });
    }
  }
}

async function tryToOpen(parts: OpeningParts): Promise<Opened> {
  const { store, node, owner, incarnation, machine, signal } = parts;
  const order = { owner, incarnation, bytesMax: PAGE_BYTES };
  const opened = await store.open(node, order, { signal });
  const entries = await allEntries(parts, opened);
  const { snapshot, hardState, commit, base } = opened;
  if (snapshot !== undefined) {
    const data = await readSnapshot(parts, snapshot.index, signal);
    if (data === undefined) {
      throw new HoldfastError(
        "ERR_STORE_REGRESSED",
        "Cannot open the store as its snapshot is gone",
      );
    }
    machine.restore(snapshot, data);
  }
  const loaded = { hardState, commit, snapshot, base, entries, applied: machine.applied };
  return { loaded, epoch: opened.epoch, incarnation: opened.incarnation };
}

async function allEntries(
  { store, node, signal }: OpeningParts,
  { entries, base, lastIndex }: OpenedStore,
): Promise<readonly Entry[]> {
  const all = [...entries];
  while (base.index + all.length < lastIndex) {
    const from = base.index + 1 + all.length;
    const range = { from, to: lastIndex + 1, bytesMax: PAGE_BYTES };
    const some = await store.entries(node, range, { signal });
    if (some.length === 0) {
      throw new HoldfastError(
        "ERR_STORE_REGRESSED",
        "Cannot open the store as entries are missing",
      );
    }
    for (const entry of some) all.push(entry);
  }
  return all;
}
