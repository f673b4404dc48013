/**
 * Who a connection is: its id, and how it shows again that an id is its own.
 *
 * An id is `<source>.<code>`: the source is what others see (when it was given, and random characters), the code proves
 * that it was given to this subject: a MAC of both under the server's secret. So another process, and a restarted one,
 * know their own ids and refuse a stranger's, and nobody learns from an operation how to pass for its author.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import { mac, macMatches } from "../../mac.ts";
import { type Random, randomToken } from "../../random.ts";
import { publicSource } from "./messages.ts";
import type { Identity, SentEpochs } from "./tasks.ts";

/** The most connections of which it is remembered what they were sent. */
export const SENT_MAX = 10_000;

/** What gives ids. */
export interface IdentitiesOptions {
  /** Where the time of an id is read. */
  readonly clock: Clock;
  /** Where the dice are rolled. */
  readonly random: Random;
  /** Gives the secret under which ids are proved. */
  readonly secret: () => string;
}

/** Gives ids, and knows them again. */
export class Identities {
  readonly #options: IdentitiesOptions;
  readonly #sent = new Map<string, SentEpochs>();

  /** Remembers no connection yet. */
  constructor(options: IdentitiesOptions) {
    this.#options = options;
  }

  /** A source for a new connection. */
  newSource(): string {
    const { clock, random } = this.#options;
    return `${Math.floor(clock.now()).toString(36)}-${randomToken(random, 16)}`;
  }

  /**
   * The identity of a connection: the one that it had, if it proves it; else a new one. Who says an id that proves
   * nothing has something of a time that is not known.
   */
  async greet(
    subject: string,
    source: string,
    claimed: string | null | undefined,
  ): Promise<Identity> {
    const known = claimed ? await this.sourceOf(subject, claimed) : undefined;
    if (claimed && known !== undefined) {
      const sent = this.#sentTo(known, false);
      return { id: claimed, source: known, givenAtMs: timeOf(known), sent };
    }
    const id = `${source}.${await mac(this.#options.secret(), proved(subject, source))}`;
    const sent = this.#sentTo(source, !claimed);
    return { id, source, givenAtMs: claimed ? 0 : timeOf(source), sent };
  }

  /** The source of an id, if that was given to this subject. */
  async sourceOf(subject: string, id: string): Promise<string | undefined> {
    const source = publicSource(id);
    const code = id.slice(source.length + 1);
    const isOwn = await macMatches(this.#options.secret(), proved(subject, source), code);
    return isOwn ? source : undefined;
  }

  #sentTo(source: string, isAll: boolean): SentEpochs {
    const sent = this.#sent.get(source) ?? { isAll, epochs: undefined };
    this.#sent.delete(source);
    this.#sent.set(source, sent);
    if (this.#sent.size > SENT_MAX) {
      for (const oldest of this.#sent.keys()) {
        this.#sent.delete(oldest);
        break;
      }
    }
    return sent;
  }
}

function proved(subject: string, source: string): string {
  return `documents:${source}\n${subject}`;
}

function timeOf(source: string): number {
  const timeMs = parseInt(source.split("-", 1)[0] ?? "", 36);
  return Number.isSafeInteger(timeMs) ? timeMs : 0;
}
