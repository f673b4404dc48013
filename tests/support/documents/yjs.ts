/**
 * yjs as a type of updates.
 *
 * @module
 */

import * as Y from "yjs";
import { type UpdateType, updateType } from "../../../src/ot/mod.ts";

/** The type `yjs`. */
export const yjs: UpdateType = updateType({
  name: "yjs",
  // What a document writes out is a fraction of what Y.mergeUpdates() gives: runs of insertions become one.
  merge: (updates) => {
    const doc = new Y.Doc();
    doc.transact(() => updates.forEach((update) => Y.applyUpdate(doc, update)));
    return Y.encodeStateAsUpdate(doc);
  },
  diff: Y.diffUpdate,
  stateVector: Y.encodeStateVectorFromUpdate,
});

/** The text `text` that some updates make. */
export function textOf(...updates: readonly (Uint8Array | undefined)[]): string {
  const doc = new Y.Doc();
  for (const update of updates) if (update !== undefined) Y.applyUpdate(doc, update);
  return doc.getText("text").toString();
}

/** An author with a Y.Doc of his own, and the updates that he makes. */
export interface Writer {
  readonly doc: Y.Doc;
  /** Inserts text, and gives the update that does it. */
  insert(at: number, text: string): Uint8Array;
}

/** An author. */
export function writer(): Writer {
  const doc = new Y.Doc();
  let last: Uint8Array | undefined;
  doc.on("update", (update: Uint8Array, origin: unknown) => {
    if (origin === "own") last = update;
  });
  return {
    doc,
    insert: (at, text) => {
      doc.transact(() => doc.getText("text").insert(at, text), "own");
      if (last === undefined) throw new Error("an insertion makes an update");
      return last;
    },
  };
}
