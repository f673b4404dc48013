/**
 * The face's sets.
 *
 * @module
 */

import { attempt, made } from "./commit.ts";
import type { ModelContext } from "./context.ts";
import { pageCursor, rangeAfter } from "./cursor.ts";
import { decodeScalar, type Scalar } from "../ordered_text.ts";
import type { ListOptions, ModelMembers, Page } from "./model_face.ts";
import type { MembersWrite } from "./port.ts";
import { idText, memberOf } from "./record_keys.ts";
import type { ModelTypes } from "./record_types.ts";
import { checkedLimit, checkSet, PAGE_MAX } from "./read.ts";
import type { WriteOptions } from "./write_options.ts";

/** A set of a record. */
export function membersOf<T extends ModelTypes>(
  context: ModelContext<T>,
  id: T["id"],
  set: string,
): ModelMembers {
  checkSet(context, set);
  const record = idText(context.plan, id);
  const change = (over: Pick<MembersWrite, "add" | "remove" | "replaces">, options: WriteOptions) =>
    changed(context, { kind: "members", id: record, set, ...over }, options);
  return {
    add: async (values, options = {}) =>
      await change({ add: texts(values), remove: [], replaces: false }, options),
    remove: async (values, options = {}) =>
      await change({ add: [], remove: texts(values), replaces: false }, options),
    replace: async (values, options = {}) =>
      await change({ add: texts(values), remove: [], replaces: true }, options),
    has: async (value, { signal = context.signal } = {}) => {
      const from = memberOf(value);
      const options = { from, limit: 1, signal };
      const [found] = await context.store.members(context.plan.shape, record, set, options);
      return found === from;
    },
    list: (options) => listed(context, record, set, options),
  };
}

async function changed<T extends ModelTypes>(
  context: ModelContext<T>,
  write: MembersWrite,
  options: WriteOptions,
): Promise<number> {
  const given = [write.set, write.add, write.remove, write.replaces];
  const prepared = {
    write,
    action: "change members of a record",
    kind: "update" as const,
    fields: undefined,
    given,
  };
  const result = made(context, [prepared], await attempt(context, [prepared], options));
  return result.kind === "done" ? result.writes[0]?.changed ?? 0 : 0;
}

async function listed<T extends ModelTypes>(
  context: ModelContext<T>,
  id: string,
  set: string,
  { limit = PAGE_MAX, cursor, signal = context.signal }: ListOptions = {},
): Promise<Page<Scalar>> {
  const { store, plan: { shape } } = context;
  // The range is of members, so the cursor of one set is none of another's.
  const range = { from: "", to: `t\u0000${set}\u0000${id}` };
  const { from } = cursor === undefined ? range : rangeAfter(shape, range, false, cursor);
  const found = await store.members(shape, id, set, { from, limit: checkedLimit(limit), signal });
  const last = found.at(-1);
  return {
    records: found.map(decodeScalar),
    cursor: last === undefined || found.length < limit
      ? undefined
      : pageCursor(shape, range, false, last),
  };
}

function texts(values: Scalar | readonly Scalar[]): readonly string[] {
  const list = typeof values === "object" ? values : [values];
  return [...new Set(list.map(memberOf))];
}
