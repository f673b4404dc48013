/**
 * Two stores as a process sees them that dies between two of its steps, and a record of the steps.
 *
 * @module
 */

import type { DocumentJournal, FrontDocumentStore } from "../../../src/documents/journal_port.ts";

/** A call of a port: which store, which method. */
export type Step = string;

/** When a process dies: before or after its call of this number, from 0, took place. */
export interface Death {
  readonly moment: "before" | "after";
  readonly step: number;
}

/** The handles of one process. */
interface Handles {
  readonly front: FrontDocumentStore;
  readonly journal: DocumentJournal;
}

/** Handles of which each call is noted in `steps`, and none is answered any more once the process is dead. */
export function dying(
  { front, journal }: Handles,
  death: Death | undefined,
  steps: Step[],
): Handles {
  const process = { calls: 0, isDead: false };
  const watched = <Store extends object>(name: string, store: Store): Store => {
    const entries = Object.entries(store).map(([method, value]) => {
      if (typeof value !== "function") return [method, value];
      return [method, async (...args: unknown[]) => {
        const isLast = death !== undefined && process.calls++ === death.step;
        if (process.isDead || (isLast && death.moment === "before")) throw die();
        steps.push(`${name} ${method}`);
        const answer: unknown = await value.apply(store, args);
        if (process.isDead || isLast) throw die();
        return answer;
      }];
    });
    // Of the same methods, each called with the same arguments.
    return Object.fromEntries(entries) as Store;
  };
  const die = (): Error => {
    process.isDead = true;
    return new Error("the process is dead");
  };
  return { front: watched("front", front), journal: watched("journal", journal) };
}
