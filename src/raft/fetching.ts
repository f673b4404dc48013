/**
 * What a leader's core asks of its store for followers that are far behind.
 *
 * @module
 */

import { backoffMs, type BackoffOptions } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import type { Random } from "../random.ts";
import { sleep } from "../waiting.ts";
import type { Fetch, Input } from "./core/ready.ts";
import type { RaftStore, StoreNode } from "./port.ts";

/** What fetching needs. */
export interface FetchingParts {
  readonly store: RaftStore;
  readonly node: StoreNode;
  readonly clock: Clock;
  readonly random: Random;
  readonly retry: BackoffOptions;
  readonly signal: AbortSignal;
  /** The store did not answer; it is asked again. */
  failed(error: unknown, attempt: number): void;
}

/** The input that answers a fetch, however long it takes; undefined once the loop has stopped. */
export async function fetchFromStore(
  parts: FetchingParts,
  fetch: Fetch,
): Promise<Input | undefined> {
  const { clock, random, retry, signal } = parts;
  for (let attempt = 0; !signal.aborted; attempt++) {
    try {
      return await fetched(parts, fetch);
    } catch (error) {
      // Whatever the store fails with.
      if (signal.aborted) return undefined;
      parts.failed(error, attempt);
      await sleep(clock, backoffMs(attempt, retry, random), { signal }).catch(() => {});
    }
  }
  return undefined;
}

async function fetched({ store, node, signal }: FetchingParts, fetch: Fetch): Promise<Input> {
  const { peer } = fetch;
  if (fetch.kind === "entries") {
    const entries = await store.entries(node, fetch, { signal });
    return { kind: "fetchedEntries", peer, from: fetch.from, entries };
  }
  const { index, offset } = fetch;
  const piece = await store.piece(node, fetch, { signal });
  const isLast = piece?.isLast ?? false;
  return { kind: "fetchedChunk", peer, index, offset, data: piece?.data, isLast };
}
