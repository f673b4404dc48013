/**
 * Group commit: what waits while a save is under way becomes one next save.
 *
 * @module
 */

import type { SaveWrite } from "./core/ready.ts";
import type { StoreSave } from "./port.ts";

/** The bytes of a save, as good as counted: what its commands have. */
export function saveBytes({ append }: StoreSave): number {
  let bytes = 0;
  for (const entry of append?.entries ?? []) {
    bytes += 64 + (entry.kind === "command" ? entry.data.length : 0);
  }
  return bytes;
}

/** One save that does what several do, one after the other. */
export function mergedSave(saves: readonly SaveWrite[]): StoreSave {
  const [only] = saves;
  if (only !== undefined && saves.length === 1) return only;
  let merged: StoreSave = { hardState: undefined, commit: 0, append: undefined };
  for (const { hardState, commit, append } of saves) {
    merged = {
      hardState: hardState ?? merged.hardState,
      commit,
      append: append === undefined ? merged.append : joined(merged.append, append),
    };
  }
  return merged;
}

type Append = NonNullable<StoreSave["append"]>;

/** An append that follows another one: it may go on after it, cut into it, or cut off more than it brought. */
function joined(first: StoreSave["append"], { prev, entries }: Append): Append {
  if (first === undefined || prev.index < first.prev.index) return { prev, entries };
  const kept = prev.index - first.prev.index;
  const before = kept === first.entries.length ? first.entries : first.entries.slice(0, kept);
  return { prev: first.prev, entries: [...before, ...entries] };
}
