/**
 * Two stores as one: a fast one in front, which may be wiped at any time, and a durable journal behind.
 *
 * What one process does, step by step, and what another finds if the process dies after the step:
 *
 * 1. *Look*, only for a journal that finds no repeats itself: the store in front is asked whether it knows the
 *    operations, in a way that appends nothing. It is brought up to the base first if it is behind that.
 * 2. *Append* to the journal, at the expected version. The operation is committed here and nowhere else. Dying after this
 *    leaves the store in front behind; nobody was told anything, and whoever comes next with the old version is told what
 *    was appended, and brings the store in front up.
 * 3. *Advance* the store in front, which publishes with the same script. Dying after this leaves an operation whose
 *    sender was not told: his repeat is found.
 *
 * The store in front never goes back, so it does not matter who brings it up, or how late he is. A reader may be told
 * what was true when it was wiped under a slow reader's feet; whoever knows more, or writes, mends that.
 *
 * @module
 */

import { HoldfastError, invariant } from "../errors.ts";
import type { DocumentJournal, FrontDocumentStore, JournaledRead } from "./journal_port.ts";
import {
  advanceBy,
  advanceOf,
  continued,
  frontUnit,
  lackOf,
  placeAfter,
  repeatsIn,
} from "./journaled.ts";
import type {
  CommitResult,
  DocumentCommit,
  DocumentHead,
  DocumentRead,
  DocumentStore,
  DocumentUnit,
  DocumentWant,
  StoreOptions,
} from "./port.ts";

/** The two. */
interface Stores {
  readonly front: FrontDocumentStore;
  readonly journal: DocumentJournal;
}

/** A store of documents that commits to a journal first. Holds nothing between calls. */
export function journaledStore(
  front: FrontDocumentStore,
  journal: DocumentJournal,
): DocumentStore {
  const stores = { front, journal };
  return {
    commit: (unit, commit, options) => committed(stores, unit, commit, options),
    read: (unit, wants, options) => readThrough(stores, unit, wants, options),
    history: (unit, id, moment, options) => journal.history(unit, id, moment, options),
    changes: (unit, after, options) => front.changes(frontUnit(unit), after, options),
    ...journal.list && { list: journal.list },
    page: (unit, range, options) =>
      journal.page?.(unit, range, options) ?? Promise.reject(withoutIndexes()),
  };
}

async function committed(
  stores: Stores,
  unit: DocumentUnit,
  commit: DocumentCommit,
  options?: StoreOptions,
): Promise<CommitResult> {
  const { journal } = stores;
  if (!journal.findsRepeats) {
    const known = await repeats(stores, unit, commit, options);
    if (known !== undefined) return known;
  }
  let result = await journal.commit(unit, commit, options);
  if (result.kind === "ahead" || result.kind === "foreign") {
    if (!await restored(stores, unit, commit.id, result.head, options)) {
      // What the store in front has may be of another life, or what the journal lost; a core's own probe says nothing of it.
      if (commit.base.tag !== "") await caughtUp(stores, unit, commit.id, options);
      return result;
    }
    result = await journal.commit(unit, commit, options);
  }
  if (result.kind === "done" || result.kind === "duplicate") {
    const losers = await afterwards(() => told(stores, unit, commit, result, options), options);
    if (result.kind === "done" && losers !== undefined) return { ...result, losers };
  }
  return result;
}

/**
 * Brings the store in front to where a commit led, or is found to have led. Who appended what is found again may have died
 * before he did that. Who is behind goes on at once instead, and advances it past that with his own: two requests to each
 * of the winner's two would let nobody else win. Gives how many lost meanwhile, where the one in front counts them for a
 * journal that does not.
 */
async function told(
  stores: Stores,
  unit: DocumentUnit,
  commit: DocumentCommit,
  result: Extract<CommitResult, { readonly kind: "done" | "duplicate" }>,
  options?: StoreOptions,
): Promise<number | undefined> {
  const advance = result.kind === "done" ? advanceBy(commit, result) : undefined;
  const advanced = advance && await stores.front.advance(frontUnit(unit), advance, options);
  if (advanced?.kind === "done") return advanced.losers;
  await caughtUp(stores, unit, commit.id, options);
  return undefined;
}

/** What follows a commit that the journal has: its failure must not be taken for that of the commit. */
async function afterwards<T>(work: () => Promise<T>, { signal }: StoreOptions = {}): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    // What the store in front says, or the journal when it is read; the caller's own abort passes as it is.
    signal?.throwIfAborted();
    throw new HoldfastError(
      "ERR_OUTCOME_UNKNOWN",
      "Cannot tell of the commit as the store in front must be told of it, too",
      { cause },
    );
  }
}

/** Whether the store in front knows any of the operations; it appends nothing after an empty tag. */
async function repeats(
  stores: Stores,
  unit: DocumentUnit,
  { id, base, ops, isNew }: DocumentCommit,
  options?: StoreOptions,
): Promise<CommitResult | undefined> {
  if (base.version === 0) return undefined;
  const probe = {
    ...{ id, ops, snapshot: undefined, isMilestone: false, entries: undefined, isNew },
    base: { ...base, tag: "" },
  };
  const result = await stores.front.commit(frontUnit(unit), probe, options);
  invariant(result.kind !== "done", "a probe appends nothing");
  if (result.kind === "duplicate") return result;
  if (result.kind !== "corrupt" && result.head.version >= base.version) return undefined;
  const read = await caughtUp(stores, unit, id, options);
  return read && repeatsIn(read, ops);
}

/** Brings the store in front to where the journal is. Says what the journal has of the document. */
async function caughtUp(
  stores: Stores,
  unit: DocumentUnit,
  id: string,
  options?: StoreOptions,
): Promise<JournaledRead | undefined> {
  const [read] = await stores.journal.read(unit, [{ id }], options);
  if (read !== undefined) await seeded(stores, unit, id, read, options);
  return read;
}

/** Brings the store in front to where a journal's answer is, and on to the journal's head as that was then. */
async function seeded(
  { front, journal }: Stores,
  unit: DocumentUnit,
  id: string,
  first: JournaledRead,
  options?: StoreOptions,
): Promise<void> {
  let after: DocumentWant["after"];
  for (let read: JournaledRead | undefined = first; read !== undefined;) {
    const advance = advanceOf(id, read, after);
    if (advance === undefined || read.kind === "absent" || read.kind === "corrupt") return;
    const { head } = await front.advance(frontUnit(unit), advance, options);
    if (head.epoch !== read.head.epoch || head.version >= read.head.version) return;
    after = placeAfter(read);
    if (after === undefined) return;
    [read] = await journal.read(unit, [{ id, after }], options);
  }
}

/** As {@linkcode seeded}, for a reader: the journal's answer is right, whether or not the one in front has it too. */
async function seededOrNot(
  stores: Stores,
  unit: DocumentUnit,
  id: string,
  first: JournaledRead,
  options?: StoreOptions,
): Promise<void> {
  try {
    await seeded(stores, unit, id, first, options);
  } catch (error) {
    // A store that does not serve: whoever reads or writes next brings the one in front up.
    options?.signal?.throwIfAborted();
    if (!HoldfastError.is(error)) throw error;
  }
}

/**
 * Gives back to a journal what it lost, or never had, and the store in front still has. Says whether there was anything.
 */
async function restored(
  { front, journal }: Stores,
  unit: DocumentUnit,
  id: string,
  { epoch, version, tag }: DocumentHead,
  options?: StoreOptions,
): Promise<boolean> {
  let after: DocumentWant["after"] = version === 0 ? { version } : { epoch, version, tag };
  for (let isAny = false;; isAny = true) {
    const [read] = await front.read(frontUnit(unit), [{ id, after }], options);
    if (read === undefined || read.kind === "absent" || read.kind === "corrupt") return isAny;
    // A log of another life than the journal's is not the journal's, nor one that went another way from somewhere on.
    if (version > 0 && read.head.epoch !== epoch) return isAny;
    const { firstVersion, version: last } = read.head;
    const isOther = read.kind === "snapshot" && firstVersion <= version && version <= last;
    if (version > 0 && !isAny && isOther) return false;
    if (read.kind === "ops" && read.ops.length === 0) return isAny;
    const advance = advanceOf(id, read, after);
    if (advance === undefined) return isAny;
    const result = await journal.advance(unit, advance, options);
    if (result.kind === "gap") return isAny;
    after = placeAfter(read);
  }
}

async function readThrough(
  stores: Stores,
  unit: DocumentUnit,
  wants: readonly DocumentWant[],
  options?: StoreOptions,
): Promise<readonly DocumentRead[]> {
  const { front, journal } = stores;
  const reads = [...await front.read(frontUnit(unit), wants, options)];
  const lacking = wants.flatMap((want, at) => {
    const lack = lackOf(want, reads[at]);
    return lack === undefined ? [] : [{ want, at, isWhole: lack === "document" }];
  });
  if (lacking.length === 0) return reads;
  const asked = lacking.map(({ want: { id, after }, isWhole }) => isWhole ? { id } : { id, after });
  const answers = await journal.read(unit, asked, options);
  await Promise.all(lacking.map(async ({ want, at, isWhole }, i) => {
    const answer = answers[i];
    if (answer === undefined || answer.kind === "absent") return;
    if (isWhole) await seededOrNot(stores, unit, want.id, answer, options);
    const own = isWhole ? continued(want.after, answer) : answer;
    const [found] = own === undefined ? await journal.read(unit, [want], options) : [own];
    if (found !== undefined) reads[at] = found;
  }));
  return reads;
}

function withoutIndexes(): HoldfastError {
  return new HoldfastError(
    "ERR_NOT_SUPPORTED",
    "Cannot look into indexes as the journal behind must keep them",
  );
}
