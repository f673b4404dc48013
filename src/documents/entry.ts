/**
 * Entries of indexes as a store keeps them.
 *
 * @module
 */

/** The entry of a document that only says that it exists. */
export const EXISTS_ENTRY = "*";

/** An entry as a store keeps it. */
export function withDocumentId(entry: string, id: string): string {
  return `${entry}\u0000${id}`;
}
