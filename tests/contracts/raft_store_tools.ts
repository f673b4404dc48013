/**
 * What the tests of a store of nodes have in common.
 *
 * @module
 */

import type { Entry, SnapshotMeta } from "../../src/raft/core/message.ts";
import type { RaftStore, StoreAnswer, StoreNode, StoreSave } from "../../src/raft/port.ts";
import type { Bench } from "./harness.ts";

/** The node of the suite. */
export const NODE: StoreNode = { namespace: "suite", id: "tcp://127.0.0.1:1" };
/** More bytes than any test has. */
export const LONG = 1_000_000;

/** Registers a test of one method. */
export type OnRaft = (what: string, run: (bench: Bench<RaftStore>) => Promise<void>) => void;

/** A process that has opened the store, and numbers its writes. */
export interface StoreWriter {
  /** The last number that was used. */
  operation: number;
  /** Saves. */
  save(save: StoreSave): Promise<StoreAnswer>;
  /** Saves term and vote. */
  vote(term: number, vote: string | undefined): Promise<StoreAnswer>;
  /** Stages a piece. */
  stage(snapshot: SnapshotMeta, offset: number, data: Uint8Array): Promise<StoreAnswer>;
  /** Publishes. */
  publish(
    snapshot: SnapshotMeta,
    sizeBytes: number,
    keepAfter: number | undefined,
  ): Promise<StoreAnswer>;
  /** Stages in pieces of so many bytes, then publishes. */
  snapshot(
    snapshot: SnapshotMeta,
    data: Uint8Array,
    options: { readonly keepAfter: number | undefined; readonly pieceBytes?: number },
  ): Promise<StoreAnswer>;
}

/** Opens the store as a process. */
export async function writerOf(store: RaftStore, owner: string): Promise<StoreWriter> {
  const { epoch } = await store.open(NODE, { owner, incarnation: 1, bytesMax: LONG });
  const proof = () => ({ owner, epoch, operation: ++writer.operation });
  const writer: StoreWriter = {
    operation: 0,
    save: (save) => store.save(NODE, proof(), save),
    vote: (term, vote) =>
      store.save(NODE, proof(), { hardState: { term, vote }, commit: 0, append: undefined }),
    stage: (snapshot, offset, data) => store.stage(NODE, proof(), { snapshot, offset, data }),
    publish: (snapshot, sizeBytes, keepAfter) =>
      store.publish(NODE, proof(), { snapshot, sizeBytes, keepAfter }),
    async snapshot(snapshot, data, { keepAfter, pieceBytes = data.length || 1 }) {
      for (let offset = 0; offset === 0 || offset < data.length; offset += pieceBytes) {
        await writer.stage(snapshot, offset, data.slice(offset, offset + pieceBytes));
      }
      return await writer.publish(snapshot, data.length, keepAfter);
    },
  };
  return writer;
}

/** A command. */
export function command(index: number, term: number, text: string): Entry {
  return { kind: "command", index, term, timeMs: 0, data: bytes(text), session: undefined };
}

/** Entries of these terms after a place. */
export function append(index: number, term: number, terms: readonly number[]): StoreSave {
  const entries = terms.map((each, at) => command(index + 1 + at, each, `${index + 1 + at}`));
  return { hardState: undefined, commit: 0, append: { prev: { index, term }, entries } };
}

/** A snapshot's description. */
export function snapshotAt(index: number, term: number): SnapshotMeta {
  const voters = [{ id: "n1", incarnation: 1 }];
  return { index, term, timeMs: 5, membership: { voters, outgoing: [], learners: [] } };
}

/** A text as bytes. */
export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
