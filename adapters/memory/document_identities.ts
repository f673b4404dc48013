/**
 * The versions of a document's operations by their identities.
 *
 * A table of numbers for each source: a name made of both would have to be put together, hashed and kept for every
 * operation, which `bench/documents_bench.ts` shows.
 *
 * @module
 */

import type { Op, OpIdentity } from "../../src/documents/change.ts";

/** Which operation was committed at which version. */
export class Identities {
  readonly #sources = new Map<string, Map<number, number>>();

  /** Those of some operations. */
  constructor(ops: readonly Op[]) {
    for (const op of ops) this.add(op, op.version);
  }

  /** The version of an operation; `undefined` if it is not known. */
  versionOf({ source, sequence }: OpIdentity): number | undefined {
    return this.#sources.get(source)?.get(sequence);
  }

  /** One more. */
  add({ source, sequence }: OpIdentity, version: number): void {
    const versions = this.#sources.get(source);
    if (versions === undefined) this.#sources.set(source, new Map([[sequence, version]]));
    else versions.set(sequence, version);
  }

  /** Forgets one. */
  delete({ source, sequence }: OpIdentity): void {
    const versions = this.#sources.get(source);
    versions?.delete(sequence);
    if (versions?.size === 0) this.#sources.delete(source);
  }
}
