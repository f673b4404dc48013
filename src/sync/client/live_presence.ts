/**
 * Who is in a presence room, as its hub tells.
 *
 * @module
 */

import { Emitter, type OnOptions } from "../../events.ts";
import { isJsonObject, type Json } from "../../json.ts";
import type { PresenceEvents, SyncPresence } from "./face.ts";

/** A room on a connection that may break: it joins again whenever that is back. */
export class LivePresence implements SyncPresence {
  readonly members: Map<string, Json> = new Map<string, Json>();
  readonly #events = new Emitter<PresenceEvents>();
  readonly #tell: (meta: Json) => void;
  #meta: Json = null;
  #pv = -1;

  constructor(tell: (meta: Json) => void) {
    this.#tell = tell;
  }

  set(meta: Json): void {
    this.#meta = meta;
    this.join();
  }

  leave(): void {
    this.set(null);
  }

  on<Name extends keyof PresenceEvents>(
    name: Name,
    listener: (event: PresenceEvents[Name]) => void,
    options?: OnOptions,
  ): () => void {
    return this.#events.on(name, listener, options);
  }

  /** Says that it is here, on a new connection or with new metadata. */
  join(): void {
    this.#tell(this.#meta);
  }

  /** Takes an answer (`members`) or an event (`joins` and `leaves`); what is older than what is known is dropped. */
  arrived({ pv, members, joins = members, leaves, all }: Record<string, Json | undefined>): void {
    const isWhole = members !== undefined || all === true;
    if (typeof pv !== "number" || (!isWhole && pv <= this.#pv)) return;
    this.#pv = pv;
    if (isWhole) this.members.clear();
    for (const { key, meta } of membersOf(joins)) this.members.set(String(key), meta ?? null);
    for (const { key } of membersOf(leaves)) this.members.delete(String(key));
    this.#events.emit("change", this.members);
  }
}

function membersOf(list: Json | undefined): readonly { readonly [name: string]: Json }[] {
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}
