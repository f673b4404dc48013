/**
 * Holding things for a view: documents by path, queries, and whatever else says how.
 *
 * @module
 */

import type { Hold } from "./counts.ts";
import type { Held, Subscribable, Subscribables } from "./face.ts";
import type { Shared, View } from "./options.ts";
import { invalidPath, isLocal, type Segments, segmentsOf } from "./path.ts";
import { documentKey, documentTarget } from "./target.ts";

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
    return Promise.resolve(left);
  });
  return left;
}

/** Does something for things, and tells the callback among them, if there is one. */
async function called(
  given: Subscribables,
  act: (things: readonly Subscribable[]) => Promise<number | void>,
): Promise<void> {
  const done = given.find((each) => typeof each === "function");
  const things = given.filter((each): each is Subscribable =>
    each !== undefined && typeof each !== "function"
  );
  let value: number | void;
  try {
    value = await act(things.length === 0 ? [""] : things);
  } catch (error) {
    // Whoever is told by a callback needs no promise that fails as well.
    if (typeof done !== "function") throw error;
    return done(error);
  }
  if (typeof done === "function") done(undefined, value);
}

function heldOf(shared: Shared, view: View, thing: Subscribable): Held | undefined {
  if (typeof thing === "object" && "take" in thing) return thing;
  const at = typeof thing === "object" && "segments" in thing
    ? thing.segments
    : [...view.at, ...segmentsOf(thing)];
  return documentHeld(shared, at);
}

/** A document, by a path to or into it; undefined for one that is local and always there. */
function documentHeld(shared: Shared, at: Segments): Held | undefined {
  const { holds } = shared;
  const [collection, id] = at;
  if (collection === undefined || id === undefined) {
    throw invalidPath("must name a document: of a collection, a query can be held");
  }
  if (isLocal(collection)) return undefined;
  return {
    take: (context, hold) => holds.take(context, documentTarget(shared, collection, id), hold),
    release: (context, hold) => holds.release(context, documentKey(collection, id), hold),
  };
}
