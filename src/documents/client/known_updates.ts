/**
 * Updates of a document that a client has from elsewhere, such as a database of its own, before it asks the server.
 *
 * @module
 */

import { isUpdateType, type UpdateType } from "../../ot/mod.ts";
import type { WireSnapshot } from "../protocol/messages.ts";
import type { SnapshotNews } from "./doc_state.ts";

/** What is known, and its state vector as base64. */
export interface KnownUpdates {
  readonly update: Uint8Array;
  readonly stateVector: string;
}

/** An update that is known from elsewhere. */
export function knownUpdates(type: UpdateType, update: Uint8Array): KnownUpdates {
  return { update, stateVector: type.textOf(type.updates.stateVector(update)) };
}

/** A document of which the server told only what is not known. */
export function withKnown(
  news: SnapshotNews,
  { sv: isPart, data }: WireSnapshot,
  known: KnownUpdates | undefined,
): SnapshotNews {
  const { live } = news;
  if (!isPart || known === undefined || !isUpdateType(live?.type)) return news;
  const { type } = live;
  return { ...news, live: { type, data: type.joined(known.update, data) } };
}
