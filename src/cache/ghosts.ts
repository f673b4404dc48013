/**
 * Who left lately: a set of hashes that forgets the oldest, in two typed arrays.
 *
 * A hash may lie in any of the eight places of its bucket, with the number of its entrance beside it. It counts as
 * remembered while no more than `memory` others have entered after it, so nothing has to be removed; a full bucket
 * overwrites its oldest.
 *
 * @module
 */

const BUCKET = 8;

/** Hashes of entries that left, for as many entrances as there are entries. */
export class Ghosts {
  #hashes = new Uint32Array(BUCKET);
  #entrances = new Uint32Array(BUCKET);
  #entrance = 0;
  #memory = 0;

  /** Makes room for at least this many, a power of two, and forgets all. */
  resize(length: number): void {
    this.#hashes = new Uint32Array(Math.max(BUCKET, length));
    this.#entrances = new Uint32Array(Math.max(BUCKET, length));
    this.#entrance = 0;
  }

  /** Remembers a hash until `memory` others came after it. */
  add(hash: number, memory: number): void {
    this.#memory = memory;
    // After four thousand million entrances the count would begin again: all are forgotten instead.
    if (this.#entrance === 0xffff_ffff) this.resize(this.#hashes.length);
    const bucket = this.#bucket(hash);
    let oldest = bucket;
    for (let i = bucket; i < bucket + BUCKET; i++) {
      if ((this.#entrances[i] ?? 0) < (this.#entrances[oldest] ?? 0)) oldest = i;
    }
    this.#hashes[oldest] = hash;
    this.#entrances[oldest] = ++this.#entrance;
  }

  /** Whether a hash is remembered; it is not any more after that. */
  take(hash: number): boolean {
    const bucket = this.#bucket(hash);
    for (let i = bucket; i < bucket + BUCKET; i++) {
      const entrance = this.#entrances[i] ?? 0;
      if (entrance === 0 || this.#hashes[i] !== hash) continue;
      this.#entrances[i] = 0;
      if (this.#entrance - entrance < this.#memory) return true;
    }
    return false;
  }

  #bucket(hash: number): number {
    return hash & (this.#hashes.length - 1) & ~(BUCKET - 1);
  }
}
