/**
 * A model's journal as a stream of events.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import type { Change, Model, ModelTypes } from "../models/mod.ts";
import { eventStream, type ServerEvent } from "./event_stream.ts";
import { modelRoute, type ModelService } from "./model_service.ts";
import type { Call, Route } from "./part.ts";

/** The route of changes; none for a model that has no journal. */
export function changesRoute(service: ModelService): readonly Route[] {
  const { name, model } = service;
  if (!model.definition.plan.shape.isWatched) return [];
  return [modelRoute(service, "GET", ":changes", {
    summary: `Changes of ${name} as they come, as server-sent events`,
    query: { after: "The id of the last event that was seen; from now on if left out" },
    headers: { "Last-Event-ID": "The same, as browsers send it when they come back" },
    answers: { 200: ["create, update, delete, members and reset", { type: "string" }] },
    answerType: "text/event-stream",
  }, (call) => streamed(model, call))];
}

async function streamed(model: Model<ModelTypes>, call: Call): Promise<Response> {
  const { request, query, context: { signal } } = call;
  const seen = request.headers.get("last-event-id");
  // Asked before the answer begins, so that a store that is away is 503 and not a stream that ends.
  const now = await model.cursor({ signal });
  const after = seen ?? query.get("after") ?? now;
  return eventStream(call, (signal) => events(model, after, now, signal));
}

async function* events(
  model: Model<ModelTypes>,
  after: string,
  now: string,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent, void, void> {
  // First where it begins, so that a client that leaves before the first change comes back to here.
  if (after === now) yield { id: now };
  let from = after;
  try {
    for await (const change of model.changes({ after, signal })) {
      from = change.cursor;
      yield eventOf(change);
    }
  } catch (error) {
    if (from !== after || !HoldfastError.is(error, "ERR_INVALID_CURSOR")) throw error;
    // No cursor of ours, and a browser would come back with it for ever: it starts afresh.
    yield eventOf({ kind: "reset", cursor: now });
    for await (const change of model.changes({ after: now, signal })) yield eventOf(change);
  }
}

function eventOf(change: Change<ModelTypes>): ServerEvent {
  if (change.kind === "reset") return { event: "reset", id: change.cursor, data: "{}" };
  const { cursor, before: _before, after: _after, ...told } = change;
  return { event: change.kind, id: cursor, data: JSON.stringify(told) };
}
