/**
 * A document and its operations as events.
 *
 * @module
 */

import type { JsonObject } from "../json.ts";
import type { ServedDocuments, ServedEvent, ServedSnapshot } from "./document_face.ts";
import type { ServerEvent } from "./event_stream.ts";
import type { Call } from "./part.ts";

/** The most events that wait for a slow client; of more, it gets the document anew. */
export const EVENTS_MAX = 1_000;

/** A document as it is told. */
export function told({ epoch, version, type, data, meta }: ServedSnapshot): JsonObject {
  const { createdAtMs, changedAtMs } = meta;
  return {
    epoch,
    version,
    createdAtMs,
    changedAtMs,
    ...(type !== undefined && { type }),
    ...(data !== undefined && { data }),
  };
}

/** The document, unless the client has it as it is; then its operations, contiguous, until the signal is aborted. */
export async function* documentEvents(
  documents: ServedDocuments,
  { params: { collection = "", id = "" }, request }: Call,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent, void, void> {
  const heard = new Heard(signal);
  await documents.follow(collection, [id], (event) => heard.add(event), signal);
  // Read after the following began: what is committed meanwhile is in one of the two, or in both.
  let at = await documents.fetch(collection, id, { signal });
  const seen = request.headers.get("last-event-id");
  yield seen === placeOf(at) ? { id: seen } : snapshotEvent(at);
  for (;;) {
    const event = await heard.next();
    if (event.kind === "failed") throw event.error;
    const ops = event.kind === "ops" && event.epoch === at.epoch
      ? event.ops.filter(({ version }) => version >= at.version)
      : undefined;
    if (ops?.length === 0) continue;
    if (ops === undefined || ops[0]?.version !== at.version) {
      at = await documents.fetch(collection, id, { signal });
      yield snapshotEvent(at);
      continue;
    }
    for (const { source: _source, tag: _tag, meta: _meta, ...op } of ops) {
      at = { ...at, version: op.version + 1 };
      yield { event: "op", id: placeOf(at), data: JSON.stringify(op) };
    }
  }
}

function snapshotEvent(snapshot: ServedSnapshot): ServerEvent {
  return { event: "snapshot", id: placeOf(snapshot), data: JSON.stringify(told(snapshot)) };
}

function placeOf({ epoch, version }: Pick<ServedSnapshot, "epoch" | "version">): string {
  return `${epoch}.${version}`;
}

/** What was heard and not yet told. */
class Heard {
  readonly #signal: AbortSignal;
  #events: ServedEvent[] = [];
  #wake = (): void => {};

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#wake(), { once: true });
  }

  /** Keeps an event; one too many makes all of them a gap. */
  add(event: ServedEvent): void {
    if (this.#events.length >= EVENTS_MAX) this.#events = [{ kind: "gap" }];
    else this.#events.push(event);
    this.#wake();
  }

  /** The next event, when it comes. */
  async next(): Promise<ServedEvent> {
    for (;;) {
      this.#signal.throwIfAborted();
      const event = this.#events.shift();
      if (event !== undefined) return event;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}
