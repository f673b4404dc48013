/**
 * The documents of a connection, by name, and what a storage keeps of them.
 *
 * @module
 */

import { isJsonObject, parseJson } from "../../json.ts";
import type { HeartbeatMessage, ServerMessage } from "../protocol/replies.ts";
import { checkNames } from "../names.ts";
import { ClientDoc } from "./doc.ts";
import type { OperationMessage } from "./doc_message.ts";
import { type DocHome, DocWorks } from "./doc_works.ts";
import type { Doc } from "./face.ts";
import type { UpdatesDoc, UpdatesOptions } from "./updates_face.ts";
import { Keeper, type PendingStorage } from "./keeper.ts";
import { knownUpdates } from "./known_updates.ts";
import { restoredFrom } from "./offline.ts";
import { ClientUpdates, updateTypeOf } from "./updates_doc.ts";
import { type HeldDoc, nameOf, type Wire } from "./wire.ts";

/** A document and its works. */
interface Held {
  readonly doc: Doc;
  readonly works: DocWorks;
  readonly leave: () => void;
  /** The same as a document of updates, once it is asked for as that. */
  updates?: UpdatesDoc | undefined;
}

/** The documents of one connection. */
export class Shelf implements DocHome {
  readonly #wire: Wire;
  readonly #failed: (error: unknown) => void;
  readonly #keeper: Keeper | undefined;
  /** By collection and id. */
  readonly #held = new Map<string, Map<string, Held>>();

  /** `failed` is told what the storage throws, and what in it cannot be read. */
  constructor(
    wire: Wire,
    storage: PendingStorage | undefined,
    failed: (error: Error) => void,
  ) {
    this.#wire = wire;
    this.#failed = (error) => failed(asError(error));
    this.#keeper = storage && new Keeper(storage, this.#failed);
  }

  /** Whether the storage is written to. */
  get isBusy(): boolean {
    return this.#keeper?.isBusy ?? false;
  }

  /** The document of a name. */
  get(collection: string, id: string): Doc {
    checkNames(collection, [id]);
    const { doc, works } = this.#hold(collection, id);
    works.revive();
    return doc;
  }

  /** A document, to be held. */
  held(collection: string, id: string): HeldDoc {
    const { doc, works } = this.#hold(collection, id);
    const letGo = (): void => {
      works.holds--;
      works.check();
    };
    return { doc, works, hold: () => void works.holds++, letGo };
  }

  /** The document of updates of a name. */
  updates(collection: string, id: string, options: UpdatesOptions): UpdatesDoc {
    const type = updateTypeOf(this.#wire.context.types, options);
    this.get(collection, id);
    const held = this.#hold(collection, id);
    const { works } = held;
    if (options.known !== undefined) works.known ??= knownUpdates(type, options.known);
    return held.updates ??= new ClientUpdates(held.doc, type);
  }

  /** Hands the operations of one document, which begin here and came together, to it. Says how many they are. */
  received(messages: readonly (ServerMessage | undefined)[], from: number): number {
    const first = messages[from];
    if (first?.a !== "op") return 0;
    let to = from + 1;
    while (isAbout(messages[to], first)) to++;
    // Every one of them is an operation.
    const operations = messages.slice(from, to) as OperationMessage[];
    this.#held.get(first.c)?.get(first.d)?.works.received(operations);
    return to - from;
  }

  /** Hands the heads that the server tells to their documents. */
  beat({ b: heads = {} }: HeartbeatMessage): void {
    for (const [c, versions] of Object.entries(heads)) {
      for (const [d, [version, epoch]] of Object.entries(versions)) {
        this.#held.get(c)?.get(d)?.works.hinted({ version, epoch });
      }
    }
  }

  /** Brings back what an earlier process left, and then says so. */
  load(done: () => void): void {
    if (this.#keeper === undefined) done();
    else this.#keeper.load((name, text) => this.#restore(name, text), done);
  }

  keep(works: DocWorks): void {
    this.#keeper?.keep(nameOf({ c: works.collection, d: works.id }), {
      text: () => works.left(),
      begun: () => {
        const [head] = works.state.queue;
        return () => {
          works.stored(head?.identity);
          this.#wire.check();
        };
      },
    });
  }

  forget({ collection, id }: DocWorks): void {
    const documents = this.#held.get(collection);
    documents?.get(id)?.leave();
    documents?.delete(id);
    if (documents?.size === 0) this.#held.delete(collection);
  }

  #hold(collection: string, id: string): Held {
    const documents = this.#held.get(collection) ?? new Map<string, Held>();
    this.#held.set(collection, documents);
    const known = documents.get(id);
    if (known !== undefined) return known;
    const works = new DocWorks(this.#wire, this, collection, id);
    const held: Held = { doc: new ClientDoc(works), works, leave: this.#wire.join(works) };
    documents.set(id, held);
    return held;
  }

  #restore(name: string, text: string): void {
    try {
      const left = restoredFrom(this.#wire.context.types, text);
      const [collection, id] = namesFrom(name);
      checkNames(collection, [id]);
      this.#hold(collection, id).works.dispatch({ kind: "restored", state: left });
    } catch (error) {
      // Another version's, or damaged: it stays where it is, for somebody who can read it.
      this.#failed(error);
    }
  }
}

function isAbout(message: ServerMessage | undefined, { c, d }: OperationMessage): boolean {
  return message?.a === "op" && message.d === d && message.c === c;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error("Cannot store what waits", { cause: error });
}

function namesFrom(name: string): readonly [string, string] {
  const names = parseJson(name, "a name in the storage");
  const [collection, id] = Array.isArray(names) && !isJsonObject(names) ? names : [];
  return [String(collection), String(id)];
}
