/**
 * Members of the sets of records in memory: each stands twice among the entries, under its record and under itself.
 *
 * @module
 */

import {
  memberOfPrefix,
  memberPrefix,
  membersPrefix,
  rangeOf,
  SEPARATOR,
  withId,
} from "../../src/models/index_keys.ts";
import { MEMBERS_MAX, type MembersWrite } from "../../src/models/port.ts";
import type { SortedTexts } from "./sorted_texts.ts";

/** What a write of members changes. */
export interface MembersChange {
  /** Members that come. */
  readonly added: readonly string[];
  /** Members that go. */
  readonly removed: readonly string[];
}

/** What a write would change now. What is both added and removed is added. */
export function membersChange(
  entries: SortedTexts,
  { id, set, add, remove, replaces }: MembersWrite,
): MembersChange {
  const { from, to } = rangeOf(memberPrefix(set, id));
  const wanted = new Set(add);
  const leaving = replaces
    ? entries.range(from, to, { limit: Infinity }).map((entry) => entry.slice(from.length))
    : [...new Set(remove)].filter((member) => entries.has(from + member));
  return {
    added: [...wanted].filter((member) => !entries.has(from + member)),
    removed: leaving.filter((member) => !wanted.has(member)),
  };
}

/** Whether a write would leave its set with too many members. */
export function isOverfull(entries: SortedTexts, write: MembersWrite): boolean {
  const { added, removed } = membersChange(entries, write);
  const { from, to } = rangeOf(memberPrefix(write.set, write.id));
  return entries.count(from, to) + added.length - removed.length > MEMBERS_MAX;
}

/** Makes a change. */
export function changeMembers(
  entries: SortedTexts,
  { id, set }: MembersWrite,
  { added, removed }: MembersChange,
): void {
  const { from } = rangeOf(memberPrefix(set, id));
  for (const member of removed) {
    entries.delete(from + member);
    entries.delete(withId(memberOfPrefix(set, member), id));
  }
  for (const member of added) {
    entries.add(from + member);
    entries.add(withId(memberOfPrefix(set, member), id));
  }
}

/** Removes all members of all sets of a record. */
export function removeMembers(entries: SortedTexts, id: string): void {
  const { from, to } = rangeOf(membersPrefix(id));
  for (const entry of entries.range(from, to, { limit: Infinity })) {
    const [set = "", member = ""] = entry.slice(from.length).split(SEPARATOR);
    entries.delete(entry);
    entries.delete(withId(memberOfPrefix(set, member), id));
  }
}
