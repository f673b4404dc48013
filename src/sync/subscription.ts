/**
 * One connection's ear at one model's feed: what is in its sight, each change once.
 *
 * @module
 */

import { positionOf } from "../models/mod.ts";
import type { FeedListener, Joined } from "./feed.ts";
import type { Gate } from "./gate.ts";
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
  /** The short way for changes. */
  readonly gate: Gate;
  /** Tells a change in these words, the long way. */
  readonly tell: (event: ModelEvent, text: string) => void;
}

/** A listener of a feed. */
export class Subscription implements FeedListener {
  readonly #sight: Sight | undefined;
  readonly #gate: Gate;
  #from = 0;
  readonly #options: SubscriptionOptions;

  /** Hears nothing before it has joined a feed. */
  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#sight = options.sight;
    this.#gate = options.gate;
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
    const sight = this.#sight;
    const text = sight === undefined ? event.text : seenText(event, sight);
    if (text === undefined || this.#gate.pass(text, event)) return;
    this.#options.tell(event, text);
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
