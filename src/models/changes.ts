/**
 * The feed of a model: its journal from a cursor on, as it grows.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import { tail } from "../wakes/tail.ts";
import type { Change } from "./change.ts";
import type { ModelContext } from "./context.ts";
import { changeCursor, positionOf } from "./cursor.ts";
import type { ChangesOptions } from "./model_face.ts";
import { wakeChannel } from "./port.ts";
import { changeOf } from "./record.ts";
import type { ModelTypes } from "./record_types.ts";
import type { CallOptions } from "./write_options.ts";

/** The most entries that one look at the journal brings. */
const ENTRIES_PER_READ = 500;

/** Where the journal ends now. */
export async function cursor<T extends ModelTypes>(
  context: ModelContext<T>,
  { signal = context.signal }: CallOptions = {},
): Promise<string> {
  checkWatched(context);
  const { head } = await context.store.changes(context.plan.shape, undefined, { limit: 1, signal });
  return changeCursor(head);
}

/** Every change after a cursor, and then those that come. */
export async function* changes<T extends ModelTypes>(
  context: ModelContext<T>,
  options: ChangesOptions = {},
): AsyncGenerator<Change<T>, void, void> {
  const { store, wakes, plan: { shape }, clock, random, definition } = context;
  const signal = options.signal ?? context.signal ?? new AbortController().signal;
  checkWatched(context);
  const after = options.after ?? await cursor(context, { signal });
  const journal = {
    read: (position: Parameters<typeof changeCursor>[0], { signal }: { signal: AbortSignal }) =>
      store.changes(shape, position, { limit: ENTRIES_PER_READ, signal }),
    decode: (entry: string) => entry,
    wakes,
    channel: wakeChannel(shape.key),
  };
  for await (const event of tail(journal, { from: positionOf(after), signal, clock, random })) {
    if (event.kind === "reset") {
      yield { kind: "reset", cursor: changeCursor(event.position) };
      continue;
    }
    for (const entry of event.entries) {
      const change = changeOf(definition, event.position.epoch, entry);
      if (change !== undefined) yield change;
    }
  }
}

function checkWatched<T extends ModelTypes>({ plan }: ModelContext<T>): void {
  if (plan.shape.isWatched) return;
  throw new ArgumentError(
    "ERR_INVALID_OPTION",
    "Cannot watch a model as its definition says that it has no journal",
  );
}
