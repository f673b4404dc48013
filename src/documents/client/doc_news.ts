/**
 * How what happened to a document is told to its listeners.
 *
 * @module
 */

import { assertNever } from "../../errors.ts";
import type { Emitter } from "../../events.ts";
import { copied } from "../copied.ts";
import type { DocChanged, DocEffect } from "./doc_state.ts";
import type { DocEvents } from "./face.ts";

/** Something that listeners of a document may want to hear. */
export type DocNews =
  | DocChanged
  | Extract<DocEffect, { readonly kind: "loaded" }>
  | { readonly kind: "failed"; readonly error: DocEvents["error"] };

/** Tells it all, one thing after the other, also what is added meanwhile. */
export function emitAll(events: Emitter<DocEvents>, news: DocNews[]): void {
  for (let next = news.shift(); next !== undefined; next = news.shift()) emitNews(events, next);
}

function emitNews(events: Emitter<DocEvents>, news: DocNews): void {
  switch (news.kind) {
    case "changed":
      return emitChange(events, news);
    case "loaded":
      return events.emit("load", { before: news.before?.data });
    case "failed":
      return events.emit("error", news.error);
    default:
      return assertNever(news, "news of a document");
  }
}

function emitChange(events: Emitter<DocEvents>, changed: DocChanged): void {
  const { change, before, after, isLocal, source, origin } = changed;
  const whose = { isLocal, source, origin };
  if (change.kind === "create") events.emit("create", whose);
  else if (change.kind === "del") events.emit("del", { ...whose, before: before?.data });
  else if (change.kind === "op") {
    const data = { before: before?.data, after: after?.data };
    // A copy, as others may have been told the same value.
    events.emit("op", { ...whose, ...data, op: copied(change.op) });
  }
}
