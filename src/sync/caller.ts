/**
 * Who a request comes from, as the requests' shell needs it: what they may do, what they see, and under which names their
 * writes are known.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Model, ModelTypes, WriteOptions } from "../models/mod.ts";
import { mac } from "../mac.ts";
import type { Verb } from "./messages.ts";
import { scopesOf, type Sight } from "./model_event.ts";
import type { SyncSettings, SyncSubject } from "./options.ts";

/** Whoever is at the other end, and what follows from it. */
export interface Caller {
  /** Who; `undefined` for nobody in particular. */
  readonly subject: SyncSubject | undefined;
  /** 22 characters that stand for the user in names of writes and in rooms. */
  readonly key: string;
}

/** The caller of a subject. */
export async function callerOf(subject: SyncSubject | undefined): Promise<Caller> {
  // No secret: this only makes any id a name of a few safe characters that no other id has.
  const key = await mac("holdfast sync", subject === undefined ? "nobody" : `user ${subject.id}`);
  return { subject, key: key.slice(0, 22) };
}

/** What a caller sees of a model; `undefined` for everything. */
export function sightOf(
  { sees }: SyncSettings,
  { subject }: Caller,
  model: string,
): Sight | undefined {
  return sees && ((scopes) => sees(subject, { model, scopes }));
}

/** Whether a record is in sight. */
export function isSeen(
  model: Model<ModelTypes>,
  record: object,
  sight: Sight | undefined,
): boolean {
  return sight === undefined || sight(scopesOf(record, model.definition.plan.scopes));
}

/**
 * Refuses what a caller may not do.
 *
 * @throws {HoldfastError} `ERR_FORBIDDEN`.
 */
export async function checkAllowed(
  { authorize }: SyncSettings,
  { subject }: Caller,
  access: {
    readonly model: string;
    readonly verb: Verb;
    readonly id?: string | number | undefined;
    readonly data?: JsonObject | undefined;
  },
): Promise<void> {
  if (authorize === undefined || await authorize({ ...access, subject }) === true) return;
  throw forbidden(access.verb);
}

/** What is not allowed. */
export function forbidden(what: string): HoldfastError {
  return new HoldfastError("ERR_FORBIDDEN", `Cannot ${what} as it is not allowed`);
}

/** How a write is known to its store: by the caller and the name on the wire, and by its place in a queue if it has one. */
export function writeOptions(
  { key }: { readonly key: string },
  tx: string | undefined,
  signal: AbortSignal,
  suffix = "",
): WriteOptions {
  if (tx === undefined) return { signal };
  const [name, index] = tx.split("/");
  const token = `${key}.${tx}${suffix}`;
  return index === undefined
    ? { signal, token }
    : { signal, token, position: { source: `${key}.${name}`, index: Number(index) } };
}
