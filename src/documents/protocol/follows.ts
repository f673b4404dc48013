/**
 * Who of this process's connections follows which documents: one following of the core's for each document, however many
 * connections hear it.
 *
 * @module
 */

import type { DocumentCore, FollowEvent } from "../core.ts";

/** Who hears what the journal tells. */
export interface Hearer {
  /** Told of each event, one at a time. */
  hear(collection: string, event: FollowEvent): void;
}

/** A document that somebody follows. */
interface Followed {
  readonly hearers: Set<Hearer>;
  readonly stop: AbortController;
  readonly stands: Promise<void>;
}

/** Followings of documents, shared. */
export class Follows {
  readonly #core: Pick<DocumentCore, "follow">;
  readonly #collections = new Map<string, Map<string, Followed>>();

  /** Follows nothing yet. */
  constructor(core: Pick<DocumentCore, "follow">) {
    this.#core = core;
  }

  /** Resolves when everything that is committed to these documents from now on will be heard. */
  async join(collection: string, ids: readonly string[], hearer: Hearer): Promise<void> {
    await Promise.all(ids.map((id) => {
      const followed = this.#followed(collection, id);
      followed.hearers.add(hearer);
      return followed.stands;
    }));
  }

  /** These documents are no longer heard. */
  part(collection: string, ids: readonly string[], hearer: Hearer): void {
    const documents = this.#collections.get(collection);
    for (const id of ids) {
      const followed = documents?.get(id);
      followed?.hearers.delete(hearer);
      if (followed?.hearers.size === 0) this.#drop(collection, id, followed);
    }
  }

  #followed(collection: string, id: string): Followed {
    const documents = this.#collections.get(collection) ?? new Map<string, Followed>();
    this.#collections.set(collection, documents);
    const known = documents.get(id);
    if (known !== undefined) return known;
    const stop = new AbortController();
    const hearers = new Set<Hearer>();
    const listener = (event: FollowEvent): void => {
      for (const hearer of hearers) hearer.hear(collection, event);
    };
    const stands = this.#core.follow(collection, [id], listener, stop.signal);
    const followed: Followed = { hearers, stop, stands };
    documents.set(id, followed);
    // Whoever joined hears of the failure; the next one tries anew.
    stands.catch(() => this.#drop(collection, id, followed));
    return followed;
  }

  #drop(collection: string, id: string, followed: Followed): void {
    const documents = this.#collections.get(collection);
    if (documents?.get(id) === followed) documents.delete(id);
    if (documents?.size === 0) this.#collections.delete(collection);
    followed.stop.abort();
  }
}
