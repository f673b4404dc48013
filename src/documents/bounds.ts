/**
 * What is kept of documents' logs and of their journals.
 *
 * @module
 */

/** What is kept of one document's log; whichever is reached first drops its oldest part, in blocks. */
export interface LogBounds {
  /** Operations. Never fewer than what follows the snapshot. */
  readonly opsMax: number;
  /** Bytes of operations. */
  readonly bytesMax: number;
  /** Milliseconds by the store's clock, judged when something is written. */
  readonly ageMsMax: number;
  /** Identities of operations that are dropped. */
  readonly identitiesMax: number;
  /** Milliseconds that such an identity is kept. */
  readonly identityMsMax: number;
  /** Milestones. */
  readonly milestonesMax: number;
}

/** The bounds of a journal; whichever is reached first drops its oldest part. */
export interface JournalBounds {
  /** Entries. */
  readonly entriesMax: number;
  /** Bytes. */
  readonly bytesMax: number;
  /** Milliseconds by the store's clock. */
  readonly ageMsMax: number;
}
