/**
 * Where a stream over HTTP begins, and where it is: each model with its cursor, in the request and in the event ids.
 *
 * @module
 */

import { isJsonObject, type Json, parseJson } from "../../json.ts";
import type { ModelEvent } from "../model_event.ts";
import { parseModels } from "../wire.ts";

/** The models of a request, each with the cursor after which it goes on; `undefined` if it names none. */
export function requestedPlace(
  request: Request,
): readonly (readonly [model: string, after: string | undefined])[] | undefined {
  const { searchParams } = new URL(request.url);
  const last = request.headers.get("last-event-id") ?? searchParams.get("lastEventId");
  // Written by us at the end of every event; if it is something else, the URL is as good.
  return (last && parseModels(last)) || parseModels(searchParams.get("models") ?? "");
}

/** Keeps the cursors of a stream. */
export class Place {
  readonly #cursors = new Map<string, string>();
  #id = "[]";

  /** All cursors as text, fit for `Last-Event-ID`. */
  get id(): string {
    return this.#id;
  }

  /** Takes note of a message. Gives it as it goes out: an answer to nobody has no id. */
  note(text: string, event: ModelEvent | undefined): string {
    if (event !== undefined && event.record !== "") {
      this.#move(event.model, event.cursor);
      return text;
    }
    const message = parseJson(text, "a message of the hub");
    if (!isJsonObject(message)) return text;
    const { id, ...rest } = message;
    this.#noteControl(rest.data);
    return id === "" ? JSON.stringify(rest) : text;
  }

  #noteControl(data: Json | undefined): void {
    if (!isJsonObject(data)) return;
    const { model, cursor, cursors } = data;
    if (typeof model === "string" && typeof cursor === "string") this.#move(model, cursor);
    if (!isJsonObject(cursors)) return;
    for (const [name, moved] of Object.entries(cursors)) {
      if (typeof moved === "string") this.#move(name, moved);
    }
  }

  #move(model: string, cursor: string): void {
    this.#cursors.set(model, cursor);
    this.#id = JSON.stringify([...this.#cursors]);
  }
}
