/**
 * The outbox: whoever must hear of every committed operation at least once, however often he dies in between.
 *
 * It is no second journal but a place in the one that is there: of the durable journal where it keeps an order across
 * documents, else of the store in front. The place is a document of its own, moved on when the consumer has done its
 * work. Where the journal no longer has what follows it (its bounds, or a wiped store) the consumer is told so, and must
 * look at the documents themselves; nothing is left out silently. What LiveDB's dirty lists were for.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import { isJsonObject, type Json } from "../json.ts";
import { randomToken } from "../random.ts";
import type { JournalPosition } from "../wakes/port.ts";
import { tail } from "../wakes/tail.ts";
import type { Op } from "./change.ts";
import type { DocumentCore } from "./core.ts";
import type { CoreContext } from "./core_context.ts";
import { parseJournalChange } from "./journal_change.ts";
import { checkNames } from "./names.ts";
import { type DocumentStore, type DocumentUnit, wakeChannel } from "./port.ts";

/** The collection of the places. */
export const OUTBOX_COLLECTION = "holdfast.outbox";
/** The most commits that a consumer is given at once. */
export const OUTBOX_BATCH_MAX = 100;

/** What a consumer is given. */
export type OutboxEvent =
  /** Commits in their order, of one shard: of each document its operations, contiguous. */
  | { readonly kind: "commits"; readonly commits: readonly OutboxCommit[] }
  /** What follows the consumer's place is not kept: it must look at the documents, and goes on from now. */
  | { readonly kind: "reset" };

/** What was committed to one document at once. */
export interface OutboxCommit {
  /** The document. */
  readonly id: string;
  /** Its life. */
  readonly epoch: string;
  /** The version of the first operation. */
  readonly from: number;
  /** The version after the last. */
  readonly to: number;
  /** The operations; `undefined` where they are no longer kept. */
  readonly ops: readonly Op[] | undefined;
}

/** Does its work, and may take its time; when it resolves, the consumer's place moves on. */
export type OutboxConsumer = (event: OutboxEvent) => void | PromiseLike<void>;

/** What an outbox works with. */
export interface OutboxParts extends Pick<CoreContext, "clock" | "random" | "wakes" | "settings"> {
  /** The documents, in which the places are kept too. */
  readonly core: DocumentCore;
  /** Where the order of commits is read. */
  readonly source: Pick<DocumentStore, "changes">;
}

/** Gives a consumer everything that was committed since his place, and goes on until the signal is aborted. */
export async function consumed(
  parts: OutboxParts,
  collection: string,
  name: string,
  consume: OutboxConsumer,
  signal: AbortSignal,
): Promise<void> {
  checkNames(collection, [name]);
  signal.throwIfAborted();
  const { units } = parts.settings.collection(collection);
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  try {
    await Promise.all(units.map((unit) => ofUnit(parts, unit, name, consume, either)));
  } catch (error) {
    // The signal, or a failure of one shard: the others must not go on alone.
    stop.abort(error);
    throw error;
  }
}

async function ofUnit(
  parts: OutboxParts,
  unit: DocumentUnit,
  name: string,
  consume: OutboxConsumer,
  signal: AbortSignal,
): Promise<void> {
  const { core, source, wakes, clock, random } = parts;
  const place = `${unit.shard}:${unit.collection}:${name}`.slice(0, 256);
  const [kept] = await core.read(OUTBOX_COLLECTION, [{ id: place }], { signal });
  if (kept?.kind === "refused") throw kept.error;
  const isNew = kept?.kind !== "snapshot" || kept.snapshot.type === undefined;
  const { head } = await source.changes(unit, undefined, { limit: 1, signal });
  const start = { epoch: head.epoch, index: 0, tag: "" };
  const from = (kept?.kind === "snapshot" ? positionOf(kept.snapshot.data) : undefined) ?? start;
  const save = placeKeeper(parts, place, isNew);
  const journal = {
    read: (after: JournalPosition, options: { readonly signal: AbortSignal }) =>
      source.changes(unit, after, { ...options, limit: OUTBOX_BATCH_MAX }),
    decode: (text: string) => text,
    wakes,
    channel: wakeChannel(unit),
  };
  for await (const event of tail(journal, { from, signal, clock, random })) {
    if (event.kind === "reset") await consume({ kind: "reset" });
    else {
      const commits = event.entries.map(({ entry }) => commitOf(parts, unit, entry, signal));
      await consume({ kind: "commits", commits: await Promise.all(commits) });
    }
    await save(event.position, signal);
  }
}

async function commitOf(
  { core }: OutboxParts,
  { collection }: DocumentUnit,
  text: string,
  signal: AbortSignal,
): Promise<OutboxCommit> {
  const change = parseJournalChange(text);
  if (change === undefined) throw spoilt();
  const { id, epoch, from, to, ops } = change;
  if (ops !== undefined) return { id, epoch, from, to, ops };
  // They were too many bytes to travel.
  const [read] = await core.read(collection, [{ id, after: { epoch, version: from } }], { signal });
  const found = read?.kind === "ops" ? read.ops.filter(({ version }) => version < to) : undefined;
  return { id, epoch, from, to, ops: found };
}

/** Moves a place on. Two consumers of one name may overtake each other: then some is consumed twice, and nothing left. */
function placeKeeper({ core, random }: OutboxParts, id: string, isNew: boolean) {
  const source = randomToken(random);
  let sequence = 0;
  let isThere = !isNew;
  return async ({ epoch, index, tag }: JournalPosition, signal: AbortSignal): Promise<void> => {
    const data = { epoch, index, tag };
    const change = isThere
      ? { kind: "op", op: [{ p: ["at"], oi: data }] } as const
      : { kind: "create", type: "json", data: { at: data } } as const;
    const identity = { source, sequence: sequence++ };
    const result = await core.submit(OUTBOX_COLLECTION, id, { ...identity, change }, { signal });
    isThere = true;
    if (result.kind !== "refused" || result.error.code === "ERR_DOC_ALREADY_CREATED") return;
    throw result.error;
  };
}

function positionOf(data: Json | undefined): JournalPosition | undefined {
  const { epoch, index, tag } = isJsonObject(data) && isJsonObject(data.at) ? data.at : {};
  return typeof epoch === "string" && typeof index === "number" && typeof tag === "string"
    ? { epoch, index, tag }
    : undefined;
}

function spoilt(): HoldfastError {
  return new HoldfastError(
    "ERR_DOC_CORRUPT",
    "Cannot consume the journal as each of its entries must be one that was committed",
  );
}
