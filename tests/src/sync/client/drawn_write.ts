/**
 * What the user of a simulated client writes, by the dice.
 *
 * @module
 */

import type { JsonObject } from "../../../../src/json.ts";
import type { Random } from "../../../../src/random.ts";
import type { NewWrite } from "../../../../src/sync/client/queue.ts";
import type { SyncRecord } from "../../../../src/sync/client/queue_entry.ts";
import type { Replica } from "../../../../src/sync/client/replica.ts";

/** How a client deals with what others wrote in between. */
export type Policy = "reject" | "lastWrite" | "resolve";

/** The models that are written. */
export const MODELS = ["Todo", "Note"] as const;

/** A creation, an update, a patch or a deletion of something that the client sees, with a mark to know it again. */
export function drawnWrite(
  replica: Replica,
  policy: Policy,
  mark: string,
  random: Random,
): NewWrite {
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(random.float() * items.length)];
  const model = pick(MODELS) ?? "Todo";
  const base = random.float() < 0.4 ? undefined : pick(replica.all(model));
  const verb = base !== undefined && random.float() < 0.3 ? "delete" : "upsert";
  const isPatch = base !== undefined && random.float() < 0.3;
  const data = verb === "delete" ? {} : { ...isPatch ? {} : fieldsOf(base), ...news(), mark };
  const isChecked = verb === "upsert" && policy !== "lastWrite" && base?.$version !== undefined;
  return { model, verb, id: base?.id, data, isPatch, base, isChecked };

  /** A name of few, as no two records may share one; and another record's id, which may be temporary. */
  function news(): JsonObject {
    const name = random.float() < 0.3 ? { name: `n${Math.floor(random.float() * 6)}` } : {};
    const other = random.float() < 0.3 ? pick(replica.all("Todo")) : undefined;
    return other === undefined ? name : { ...name, links: [{ to: other.id }] };
  }
}

function fieldsOf(record: SyncRecord | undefined): JsonObject {
  const { id: _id, $version: _version, ...fields } = record ?? { id: 0 };
  return fields;
}
