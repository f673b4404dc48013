/**
 * Holding things for a view: documents by path, queries, and whatever else says how.
 *
 * @module
 */

import type { Done } from "./arguments.ts";
import type { Hold } from "./counts.ts";
import type { Shared, View } from "./options.ts";
import { invalidPath, isLocal, type Path, type Segments, segmentsOf } from "./path.ts";
import { documentKey, documentTarget } from "./target.ts";

/** Something that a model can hold beside documents, such as a query. */
export interface Held {
  /** Holds it once more for a context. */
  take(context: string, hold: Hold): Promise<void>;
  /** Holds it once less; gives how many are left in all. */
  release(context: string, hold: Hold): number;
}

/** What can be held: a path to or into a document, a view of a model, or something that says how. */
export type Subscribable = Path | { readonly segments: Segments } | Held;

/** Things to be held, and a callback after them. */
export type Subscribables = readonly (Subscribable | Done | undefined)[];

/** Holds things once more; without any, what the view itself is. */
export async function take(
  shared: Shared,
  view: View,
  hold: Hold,
  given: Subscribables,
): Promise<void> {
  await called(given, async (things) => {
    await Promise.all(things.map(async (thing) => {
      const held = heldOf(shared, view, thing);
      await held?.take(view.context, hold);
    }));
  });
}

/** Holds things once less; gives how many such holds of the last of them are left in all. */
export async function release(
  shared: Shared,
  view: View,
  hold: Hold,
  given: Subscribables,
): Promise<number> {
  let left = 0;
  await called(given, (things) => {
    for (const thing of things) {
      left = heldOf(shared, view, thing)?.release(view.context, hold) ?? 0;
    }
    return Promise.resolve();
  });
  return left;
}

/** Does something for things, and tells the callback among them, if there is one. */
async function called(
  given: Subscribables,
  act: (things: readonly Subscribable[]) => Promise<void>,
): Promise<void> {
  const done = given.find((each) => typeof each === "function");
  const things = given.filter((each): each is Subscribable =>
    each !== undefined && typeof each !== "function"
  );
  try {
    await act(things.length === 0 ? [""] : things);
  } catch (error) {
    // Whoever is told by a callback needs no promise that fails as well.
    if (typeof done !== "function") throw error;
    return done(error);
  }
  if (typeof done === "function") done();
}

function heldOf(shared: Shared, view: View, thing: Subscribable): Held | undefined {
  if (typeof thing === "object" && "take" in thing) return thing;
  const at = typeof thing === "object" && "segments" in thing
    ? thing.segments
    : [...view.at, ...segmentsOf(thing)];
  return documentHeld(shared, at);
}

/** A document, by a path to or into it; undefined for one that is local and always there. */
function documentHeld({ store, holds, fetchOnly }: Shared, at: Segments): Held | undefined {
  const [collection, id] = at;
  if (collection === undefined || id === undefined) {
    throw invalidPath("must name a document: of a collection, a query can be held");
  }
  if (isLocal(collection)) return undefined;
  return {
    take: (context, hold) =>
      holds.take(context, documentTarget(store, collection, id, fetchOnly), hold),
    release: (context, hold) => holds.release(context, documentKey(collection, id), hold),
  };
}
