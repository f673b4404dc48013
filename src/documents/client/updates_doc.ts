/**
 * A document of updates as its user holds it: a document like any other, whose operations are updates.
 *
 * @module
 */

import { ArgumentError, HoldfastError } from "../../errors.ts";
import { Emitter, type OnOptions } from "../../events.ts";
import {
  findType,
  isUpdateType,
  type OtType,
  type UpdateState,
  type UpdateType,
} from "../../ot/mod.ts";
import type { WaitOptions } from "../../waiting.ts";
import type { Doc } from "./face.ts";
import type { UpdatesDoc, UpdatesEvents, UpdatesOptions } from "./updates_face.ts";

/** How often an update is pushed again to a document that was begun anew meanwhile. */
const PUSHES_MAX = 3;
/** Updates go out as one up to about so many characters. */
const COMPOSED_LENGTH_MAX = 65_536;

/** The updates of a document. */
export class ClientUpdates implements UpdatesDoc {
  readonly doc: Doc;
  readonly #type: UpdateType;
  readonly #events = new Emitter<UpdatesEvents>();

  constructor(doc: Doc, type: UpdateType) {
    this.doc = doc;
    this.#type = type;
    // What has just been loaded, or begun by somebody else, is told as one update: whoever has it already has it twice.
    const whole = () => this.#tell(this.state, undefined);
    doc.on("load", whole);
    doc.on("create", ({ isLocal }) => isLocal || whole());
    doc.on("op", ({ op, isLocal, source }) => {
      if (!isLocal) this.#tell(this.#type.bytesOf(String(op)), source);
    });
    doc.on("error", (error) => this.#events.emit("error", error));
  }

  get collection(): string {
    return this.doc.collection;
  }

  get id(): string {
    return this.doc.id;
  }

  get state(): Uint8Array | undefined {
    return this.#content?.merged;
  }

  get updates(): readonly Uint8Array[] {
    return this.#content?.list() ?? [];
  }

  get isSubscribed(): boolean {
    return this.doc.isSubscribed;
  }

  get hasPending(): boolean {
    return this.doc.hasPending;
  }

  on<Name extends keyof UpdatesEvents>(
    name: Name,
    listener: (event: UpdatesEvents[Name]) => void,
    options?: OnOptions,
  ): () => void {
    return this.#events.on(name, listener, options);
  }

  async push(update: Uint8Array, options: WaitOptions = {}): Promise<void> {
    if (!(update instanceof Uint8Array)) throw notBytes();
    const text = this.#type.textOf(update);
    for (let pushes = 1;; pushes++) {
      try {
        return await this.#push(text, options);
      } catch (error) {
        // Begun anew since: what commutes is as good there as it was here.
        if (!HoldfastError.is(error, "ERR_DOC_EPOCH") || pushes === PUSHES_MAX) throw error;
      }
    }
  }

  fetch(options?: WaitOptions): Promise<void> {
    return this.doc.fetch(options);
  }

  subscribe(options?: WaitOptions): Promise<void> {
    return this.doc.subscribe(options);
  }

  unsubscribe(options?: WaitOptions): Promise<void> {
    return this.doc.unsubscribe(options);
  }

  whenNothingPending(options?: WaitOptions): Promise<void> {
    return this.doc.whenNothingPending(options);
  }

  destroy(options?: WaitOptions): Promise<void> {
    return this.doc.destroy(options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy();
  }

  get #content(): UpdateState | undefined {
    return this.#type.stateOf(this.doc.data);
  }

  #push(text: string, { signal }: WaitOptions): Promise<void> {
    const { doc } = this;
    if (doc.type === undefined) return doc.create(text, { type: this.#type.uri, signal });
    const last = doc.pending.at(-1);
    const length = text.length + (typeof last === "string" ? last.length : 0);
    return doc.submit(text, { signal, compose: length <= COMPOSED_LENGTH_MAX });
  }

  #tell(update: Uint8Array | undefined, source: string | undefined): void {
    if (update !== undefined) this.#events.emit("update", { update, source });
  }
}

/**
 * The type of updates that options mean: the one of this name, or the only one.
 *
 * @throws {HoldfastError} `ERR_UNKNOWN_TYPE` if there is none, or the one of this name is none of updates.
 */
export function updateTypeOf(types: readonly OtType[], { type }: UpdatesOptions): UpdateType {
  const found = type === undefined ? types.find(isUpdateType) : findType(types, type);
  if (isUpdateType(found)) return found;
  throw new HoldfastError(
    "ERR_UNKNOWN_TYPE",
    "Cannot get a document of updates as types must have one that updateType() made",
  );
}

function notBytes(): ArgumentError {
  return new ArgumentError(
    "ERR_OP_MALFORMED",
    "Cannot push the update as it must be a Uint8Array",
  );
}
