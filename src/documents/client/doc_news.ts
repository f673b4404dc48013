/**
 * How a change of a document is told to its listeners.
 *
 * @module
 */

import type { Emitter } from "../../events.ts";
import type { DocChanged } from "./doc_state.ts";
import type { DocEvents } from "./face.ts";

/** Tells the listeners of a document that it changed. */
export function emitChange(events: Emitter<DocEvents>, changed: DocChanged): void {
  const { change, before, after, isLocal, source, origin } = changed;
  const whose = { isLocal, source, origin };
  if (change.kind === "create") events.emit("create", whose);
  else if (change.kind === "del") events.emit("del", { ...whose, before: before?.data });
  else if (change.kind === "op") {
    const data = { before: before?.data, after: after?.data };
    events.emit("op", { ...whose, ...data, op: change.op });
  }
}
