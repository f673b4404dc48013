/**
 * The port of a durable journal behind a store of documents.
 *
 * Of two stores one must be where an operation is committed, or else an operation that others saw can vanish: here it is
 * the journal. An operation is appended there first, at its expected version; then the store in front is *advanced* to
 * where the journal has the document, and tells everybody. So the store in front holds nothing that the journal lacks,
 * may be behind it, or empty, at any time, and is only ever moved forward.
 *
 * A store of documents is a journal as it is (`journalOf`). A journal of which the adapter knows less, such as a ShareDB
 * database, leaves to the store in front what is in `findsRepeats`, and to nobody what is in `page`.
 *
 * @module
 */

import type { Op } from "./change.ts";
import type {
  DocumentHead,
  DocumentRead,
  DocumentsBackend,
  DocumentStore,
  DocumentUnit,
  DocumentWant,
  StoredSnapshot,
  StoreOptions,
} from "./port.ts";

/** Operations that another store has settled: its epoch, its versions, tags and times are kept. */
export interface DocumentAdvance {
  /** The document. */
  readonly id: string;
  /** The log's life. */
  readonly epoch: string;
  /** Where the first of the operations applies: its version and the tag before it, `""` at version 0. */
  readonly from: { readonly version: number; readonly tag: string };
  /** The operations, contiguous, at most 1,000. None at all only together with a snapshot at `from`. */
  readonly ops: readonly Op[];
  /**
   * What the document was somewhere from `from` to after the last operation; without it a log cannot begin past 0. With
   * 0 as the time of its creation, that time is as the log has it.
   */
  readonly snapshot: StoredSnapshot | undefined;
}

/** What an advance comes to. */
export type AdvanceResult =
  /** The log is where the last operation leads, or further; `losers` as a commit tells of them. */
  | { readonly kind: "done"; readonly head: DocumentHead; readonly losers?: number | undefined }
  /** Nothing is written: what lies before the operations is not there, and no snapshot was given to begin from. */
  | { readonly kind: "gap"; readonly head: DocumentHead };

/** What can be moved forward by what another store has settled. */
export interface Advances {
  /**
   * Brings a document's log to where these operations lead, and tells of it as a commit does. In one atom:
   *
   * - a log of this epoch that is as far, or further, is left alone: of two who bring 57 and 56, the 57 stays. Unless what
   *   it has there is another operation, by its tag;
   * - one that ends among the operations gets those that it lacks;
   * - one that is not there, is of another epoch, ends before the first of them or differs in its tag is begun anew from
   *   the snapshot, with the operations as its log.
   */
  advance(
    unit: DocumentUnit,
    advance: DocumentAdvance,
    options?: StoreOptions,
  ): Promise<AdvanceResult>;
}

/** A store of documents that may stand in front of a journal. */
export interface FrontDocumentStore extends DocumentStore, Advances {}

/** What a journal has of a document. */
export type JournaledRead = DocumentRead & {
  /**
   * The operations that led to the snapshot, contiguous up to it, at most 1,000; from a journal that finds no repeats
   * itself, so that the store in front knows them.
   */
  readonly earlier?: readonly Op[] | undefined;
};

/** A durable journal of documents. Each method is one atom unless it says otherwise, and fails with a coded error. */
export interface DocumentJournal extends Advances {
  /**
   * Whether {@linkcode DocumentJournal.commit} finds any operation again that its unit's bounds remember. Otherwise it
   * finds those since the base, and whoever commits must have looked for older ones.
   */
  readonly findsRepeats: boolean;

  /**
   * Appends operations as {@linkcode DocumentStore.commit} does. A journal that appends one at a time may have appended
   * some when it finds the next one's version taken: it says `duplicate` of those, and the others may be tried again.
   */
  commit: DocumentStore["commit"];

  /** Documents as {@linkcode DocumentStore.read} has them. */
  read(
    unit: DocumentUnit,
    wants: readonly DocumentWant[],
    options?: StoreOptions,
  ): Promise<readonly JournaledRead[]>;

  /** What a document was, as {@linkcode DocumentStore.history} has it. */
  history: DocumentStore["history"];

  /** What was committed in a unit, across its documents; only a journal that keeps such an order has it. */
  changes?: DocumentStore["changes"] | undefined;

  /** All documents that exist; only a journal to which that costs nothing has it. */
  list?: DocumentStore["list"] | undefined;

  /** Entries of indexes; only a journal that keeps them has it. */
  page?: DocumentStore["page"] | undefined;
}

/** A backend that may have a journal behind its store of documents. */
export interface JournaledBackend extends DocumentsBackend {
  /** The store in front of the journal, or, without one, the only one. */
  readonly documents: DocumentStore & Partial<Advances>;
  /** The journal. All who write to these documents must have it. */
  readonly journal?: DocumentJournal | undefined;
}
