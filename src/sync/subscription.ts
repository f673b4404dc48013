/**
 * One connection's ear at one model's feed: what is in its sight, each change once.
 *
 * @module
 */

import { positionOf } from "../models/mod.ts";
import type { FeedListener, Joined } from "./feed.ts";
import { type ModelEvent, seenText, type Sight } from "./model_event.ts";
import { resetText } from "./outbox.ts";

/** What a subscription is made of. */
export interface SubscriptionOptions {
  /** The model's name on the wire. */
  readonly model: string;
  /** What is in sight; `undefined` for everything. */
  readonly sight: Sight | undefined;
  /** Called once it stands, before anything is told. */
  readonly onJoined: (joined: Joined) => void;
  /** Tells a change in these words. */
  readonly tell: (event: ModelEvent, text: string) => void;
}

/** A listener of a feed. */
export class Subscription implements FeedListener {
  readonly #options: SubscriptionOptions;
  #from = 0;

  /** Hears nothing before it has joined a feed. */
  constructor(options: SubscriptionOptions) {
    this.#options = options;
  }

  /** Tells what was missed. */
  joined(joined: Joined): void {
    this.#options.onJoined(joined);
    for (const event of joined.missed) this.hear(event);
    this.#from = positionOf(joined.cursor).index;
  }

  /** Tells a change, if it is in sight and was not told before. */
  hear(event: ModelEvent): void {
    if (event.seq <= this.#from) return;
    const text = seenText(event, this.#options.sight);
    if (text !== undefined) this.#options.tell(event, text);
  }

  /** Tells that all must be read anew. */
  reset(cursor: string): void {
    const { model, tell } = this.#options;
    const seq = this.#from = positionOf(cursor).index;
    const text = resetText(model, cursor, seq);
    // No record is called so: it takes its turn among the changes, and replaces none of them.
    const event = { model, record: "", seq, cursor, version: "", text, goneText: text };
    tell({ ...event, before: undefined, after: undefined }, text);
  }
}
