/**
 * Units and commits for the suites of documents, with everything filled in that a test does not care for.
 *
 * @module
 */

import type { Op, PartialPosition } from "../../src/documents/change.ts";
import type {
  CommitResult,
  DocumentCommit,
  DocumentHead,
  DocumentRead,
  DocumentStore,
  DocumentUnit,
  NewOp,
} from "../../src/documents/port.ts";
import type { Bench } from "./harness.ts";

/** What a suite of documents runs on. */
export type DocumentBench = Bench<DocumentStore>;

/** Opens a bench; called once per test. */
export type OpenDocumentBench = () => Promise<DocumentBench>;

/** Registers one test of a suite of documents. */
export type OnDocuments = (name: string, run: (bench: DocumentBench) => Promise<void>) => void;

/** A unit with bounds that no small test reaches. */
export const PLAIN_UNIT: DocumentUnit = {
  collection: "things",
  shard: 0,
  isIndexed: true,
  log: {
    opsMax: 1_000,
    bytesMax: 1_048_576,
    ageMsMax: Infinity,
    identitiesMax: 1_000,
    identityMsMax: 604_800_000,
    milestonesMax: 10,
  },
  journal: { entriesMax: 1_000, bytesMax: 1_048_576, ageMsMax: 604_800_000 },
};

/** A unit whose log has other bounds. */
export function unitWith(log: Partial<DocumentUnit["log"]>): DocumentUnit {
  return { ...PLAIN_UNIT, log: { ...PLAIN_UNIT.log, ...log } };
}

/** A result of one kind. */
export type Kind<T extends { readonly kind: string }, K extends T["kind"]> = Extract<
  T,
  { readonly kind: K }
>;

/** A value of this kind, or an error that says which it is. */
export function of<T extends { readonly kind: string }, K extends T["kind"]>(
  value: T | undefined,
  kind: K,
): Kind<T, K> {
  if (value?.kind === kind) return value as Kind<T, K>;
  throw new Error(`must be ${kind}: ${value?.kind}`);
}

/** Commits by one source whose sequences and tags are counted. */
export interface DocumentWriter {
  /** An operation with this source's next sequence; a number is added, unless it says otherwise. */
  op(over?: Partial<NewOp>): NewOp;
  /** Commits; options left out are made up. */
  commit(
    version: number,
    ops?: readonly NewOp[],
    over?: Partial<DocumentCommit>,
  ): Promise<CommitResult>;
  /** Commits what must be done, and gives the head. */
  done(
    version: number,
    ops?: readonly NewOp[],
    over?: Partial<DocumentCommit>,
  ): Promise<DocumentHead>;
}

/** A writer to the document `1` of a unit. Writers of one test have different names. */
export function documentWriter(
  store: Pick<DocumentStore, "commit">,
  unit: DocumentUnit = PLAIN_UNIT,
  source = "w",
): DocumentWriter {
  let sequence = 0;
  const op: DocumentWriter["op"] = (over) => {
    sequence++;
    const own = { source, sequence, tag: `${source.replace(/[^\w-]/g, "")}${sequence}` };
    const change = over?.kind === undefined ? { kind: "op", op: [{ p: ["n"], na: sequence }] } : {};
    // What a test says of an operation is one together with what it leaves out.
    return { ...own, ...change, ...over } as NewOp;
  };
  const commit: DocumentWriter["commit"] = async (version, ops = [op()], over = {}) =>
    await store.commit(unit, {
      id: "1",
      base: { version },
      ops,
      snapshot: undefined,
      isMilestone: false,
      entries: undefined,
      ...over,
    });
  return {
    op,
    commit,
    done: async (version, ops, over) => of(await commit(version, ops, over), "done").head,
  };
}

/** What a reader gets of the document `1`. */
export async function readOne(
  store: Pick<DocumentStore, "read">,
  after?: PartialPosition,
  unit: DocumentUnit = PLAIN_UNIT,
): Promise<DocumentRead> {
  const [found] = await store.read(unit, [{ id: "1", after }]);
  if (found === undefined) throw new Error("a read must answer for each document");
  return found;
}

/** The sequences of operations, which tell them apart. */
export function sequences(ops: readonly Op[]): number[] {
  return ops.map(({ sequence }) => sequence);
}
