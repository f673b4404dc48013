/**
 * The versions of a document's operations by their identities.
 *
 * Sequences of each source in order, with their versions beside them: a source counts on, so that what is new is added
 * at the end and known at once to be new, and what is old leaves at the start (`bench/documents_bench.ts`).
 *
 * @module
 */

import type { Op, OpIdentity } from "../../src/documents/change.ts";

/** The operations of one source. */
interface OfSource {
  /** Ascending. */
  sequences: number[];
  /** Of each of them. */
  versions: number[];
  /** Those before it are forgotten; they are cut off when they are half of all. */
  start: number;
}

/** Which operation was committed at which version. */
export class Identities {
  readonly #sources = new Map<string, OfSource>();

  /** Those of some operations. */
  constructor(ops: readonly Op[]) {
    for (const op of ops) this.add(op, op.version);
  }

  /** The version of an operation; `undefined` if it is not known. */
  versionOf({ source, sequence }: OpIdentity): number | undefined {
    const known = this.#sources.get(source);
    if (known === undefined) return undefined;
    const at = placeOf(known, sequence);
    return known.sequences[at] === sequence ? known.versions[at] : undefined;
  }

  /** One more. */
  add({ source, sequence }: OpIdentity, version: number): void {
    const known = this.#sources.get(source) ?? { sequences: [], versions: [], start: 0 };
    const at = placeOf(known, sequence);
    if (at < known.sequences.length) {
      known.sequences.splice(at, 0, sequence);
      known.versions.splice(at, 0, version);
      return;
    }
    known.sequences.push(sequence);
    known.versions.push(version);
    if (at === 0) this.#sources.set(source, known);
  }

  /** Forgets one. */
  delete({ source, sequence }: OpIdentity): void {
    const known = this.#sources.get(source);
    if (known === undefined) return;
    const at = placeOf(known, sequence);
    if (known.sequences[at] !== sequence) return;
    if (at === known.start) known.start++;
    else {
      known.sequences.splice(at, 1);
      known.versions.splice(at, 1);
    }
    if (known.start * 2 <= known.sequences.length) return;
    known.sequences = known.sequences.slice(known.start);
    known.versions = known.versions.slice(known.start);
    known.start = 0;
    if (known.sequences.length === 0) this.#sources.delete(source);
  }
}

/** Where a sequence is, or would be: the first place with none that is less. */
function placeOf({ sequences, start }: OfSource, sequence: number): number {
  let [from, to] = [start, sequences.length];
  if (to === from || sequence > (sequences[to - 1] ?? -1)) return to;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((sequences[middle] ?? sequence) < sequence) from = middle + 1;
    else to = middle;
  }
  return from;
}
