/**
 * Reading and writing the sets of records.
 *
 * @module
 */

import type { Contents, SetChange } from "./sets.ts";
import type { AttributesModel } from "./stores.ts";

/** How many records of a collection have their sets read at once. */
const RECORDS_AT_ONCE = 16;

type Id = string | number;
type Signal = { readonly signal?: AbortSignal | undefined };

/** The sets of a record: a request for each set, and one more for each thousand members. */
export async function readContents(
  model: AttributesModel,
  id: Id,
  names: readonly string[],
  options: Signal,
): Promise<Contents> {
  const lists = await Promise.all(names.map((name) => readMembers(model, id, name, options)));
  return new Map(names.map((name, at) => [name, lists[at] ?? []]));
}

/** The sets of several records. */
export async function readAllContents(
  model: AttributesModel,
  ids: readonly Id[],
  names: readonly string[],
  options: Signal,
): Promise<readonly Contents[]> {
  if (names.length === 0) return ids.map(() => new Map());
  const contents: Contents[] = [];
  for (let from = 0; from < ids.length; from += RECORDS_AT_ONCE) {
    const some = ids.slice(from, from + RECORDS_AT_ONCE);
    contents.push(
      ...await Promise.all(some.map((id) => readContents(model, id, names, options))),
    );
  }
  return contents;
}

/** Changes one set of a record: one request, or two if members both come and go. */
export async function changeMembers(
  model: AttributesModel,
  id: Id,
  { set, add, remove }: SetChange,
  options: Signal,
): Promise<void> {
  const members = model.members(id, set);
  if (add.length > 0) await members.add(add, options);
  if (remove.length > 0) await members.remove(remove, options);
}

async function readMembers(
  model: AttributesModel,
  id: Id,
  name: string,
  { signal }: Signal,
): Promise<readonly string[]> {
  const members: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await model.members(id, name).list({ cursor, signal });
    members.push(...page.records.map(String));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return members;
}
