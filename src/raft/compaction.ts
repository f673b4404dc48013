/**
 * When it is time for a snapshot: by count, by bytes and by age, so that neither many small commands, nor few large
 * ones, nor a slow trickle let the log grow without end.
 *
 * @module
 */

/** The bounds. */
export interface CompactionBounds {
  readonly entries: number;
  readonly bytes: number;
  readonly ageMs: number;
  readonly retained: number;
}

/** Counts what came since the last snapshot. */
export class CompactionMeter {
  readonly #bounds: CompactionBounds;
  #entries = 0;
  #bytes = 0;
  #sinceMs: number | undefined;

  /** Counts from nothing. */
  constructor(bounds: CompactionBounds) {
    this.#bounds = bounds;
  }

  /** Bytes of commands since the last snapshot. */
  get bytes(): number {
    return this.#bytes;
  }

  /** An entry was applied. */
  applied(bytes: number, nowMs: number): void {
    this.#entries += 1;
    this.#bytes += bytes;
    this.#sinceMs ??= nowMs;
  }

  /** Whether a bound is reached. */
  isDue(nowMs: number): boolean {
    const { entries, bytes, ageMs } = this.#bounds;
    return this.#entries >= entries || this.#bytes >= bytes ||
      (this.#sinceMs !== undefined && nowMs - this.#sinceMs >= ageMs);
  }

  /** How many entries to keep behind a snapshot: no more than a quarter of the bound of bytes, by their mean length. */
  retained(): number {
    const { bytes, retained } = this.#bounds;
    const mean = this.#bytes / Math.max(1, this.#entries);
    return mean === 0 ? retained : Math.min(retained, Math.floor(bytes / 4 / mean));
  }

  /** A snapshot covers everything so far. */
  reset(): void {
    this.#entries = 0;
    this.#bytes = 0;
    this.#sinceMs = undefined;
  }
}
