/**
 * An entry of a unit's journal: which document grew, from where to where, and by what, as text.
 *
 * A line of what a store can put together by joining texts, and then the operations as JSON, each as `op_text.ts` writes
 * it; without them where they are many bytes, and the reader looks into the document's log.
 *
 * @module
 */

/** What was committed to one document. */
export interface JournalChange {
  /** The document. */
  readonly id: string;
  /** Its epoch. */
  readonly epoch: string;
  /** The version of the first operation. */
  readonly from: number;
  /** The version after the last. */
  readonly to: number;
  /** The tag of the last operation. */
  readonly tag: string;
  /** The operations as texts; `undefined` where they are too many bytes to travel. */
  readonly ops: readonly string[] | undefined;
}
