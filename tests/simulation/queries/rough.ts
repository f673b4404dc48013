/**
 * A backend in memory on which things go wrong: hints are lost and doubled, answers come late or not at all, journals are
 * trimmed, everything is lost.
 *
 * @module
 */

import { memoryDocumentStore } from "../../../adapters/memory/documents.ts";
import { memoryWakes } from "../../../adapters/memory/wakes.ts";
import type { Clock } from "../../../src/clock.ts";
import type { DocumentsBackend, DocumentStore } from "../../../src/documents/port.ts";
import { HoldfastError } from "../../../src/errors.ts";
import type { Random } from "../../../src/random.ts";
import type { WakeFeed } from "../../../src/wakes/port.ts";
import type { Dice } from "../../src/queries/draw.ts";

/** What decides what goes wrong. */
export interface Sea {
  readonly dice: Dice;
  readonly clock: Clock;
  readonly random: Random;
  /** Whether the store lists its documents, or has only their indexes. */
  readonly hasList: boolean;
  /** Whether anything goes wrong now. */
  readonly isRough: () => boolean;
  /** Told of what went wrong. */
  readonly saw: (what: string) => void;
}

/** A backend. */
export function roughBackend(sea: Sea): DocumentsBackend {
  const { dice, clock, random } = sea;
  const wakes = roughWakes(sea, memoryWakes());
  return {
    clock,
    random,
    isolation: dice(0, 4) === 0 ? "request" : "process",
    durability: "memory",
    wakes,
    documents: roughStore(sea, () => memoryDocumentStore({ clock, wakes })),
  };
}

function happens({ isRough, dice }: Pick<Sea, "isRough" | "dice">, oneIn: number): boolean {
  return isRough() && dice(0, oneIn) === 0;
}

function roughWakes({ saw, ...sea }: Sea, wakes: WakeFeed): WakeFeed {
  return {
    ...wakes,
    subscribe: (...args) => wakes.subscribe(...args),
    publish: async (channel, wake, options) => {
      if (happens(sea, 4)) return saw("lost wake");
      if (happens(sea, 6)) await wakes.publish(channel, wake, options);
      await wakes.publish(channel, wake, options);
    },
  };
}

function roughStore(
  { saw, dice, hasList, ...sea }: Sea,
  fresh: () => DocumentStore,
): DocumentStore {
  const mayBeWiped = dice(0, 3) === 0;
  let store = fresh();
  const rough = (): void => {
    if (!happens({ ...sea, dice }, 25)) return;
    saw("unreachable");
    throw new HoldfastError("ERR_UNAVAILABLE", "Cannot reach the store as it must be there");
  };
  const later = async <T>(answer: Promise<T>): Promise<T> => {
    const found = await answer;
    // An answer that is on its way for a while is old when it comes.
    for (let turns = dice(0, 8); turns > 0; turns--) await null;
    rough();
    return found;
  };
  return {
    commit: (...args) => {
      if (mayBeWiped && happens({ ...sea, dice }, 40)) {
        saw("wiped");
        store = fresh();
      }
      return store.commit(...args);
    },
    history: (...args) => store.history(...args),
    read: (...args) => later(store.read(...args)),
    page: (...args) => later(store.page(...args)),
    ...hasList &&
      { list: (...args) => later(store.list?.(...args) ?? Promise.resolve([])) },
    changes: async (unit, after, options) => {
      const found = await later(store.changes(unit, after, options));
      if (found.kind === "reset" || after === undefined || !happens({ ...sea, dice }, 12)) {
        return found;
      }
      saw("reset");
      return { kind: "reset", head: found.head };
    },
  };
}
