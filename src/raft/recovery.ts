/**
 * The way out when a majority of a cluster is lost for good: one node goes on alone, with what it has.
 *
 * This breaks Raft's promise on purpose. Writes that only the lost nodes had are gone, and entries that this node had not
 * yet seen committed count as committed. If a lost node comes back as it was, there are two clusters: forget its store.
 *
 * @module
 */

import { ArgumentError, checkOptions, HoldfastError } from "../errors.ts";
import { randomToken } from "../random.ts";
import { allMembers, type Membership, simpleMembership } from "./core/membership.ts";
import type { Entry } from "./core/message.ts";
import type { RaftBackend, StoreNode } from "./port.ts";

/** What must be said, word for word, so that nobody recovers by accident. */
export const RECOVERY_WORDS = "a majority is lost for good, and writes may be lost with it";

/** Options of {@linkcode recoverQuorum}. */
export interface RecoverOptions {
  /** The node that goes on. A process of it that still runs is stopped by this. */
  readonly url: string;
  /** The cluster's name; `"raft"` by default. */
  readonly namespace?: string;
  /** Must be {@linkcode RECOVERY_WORDS}. */
  readonly iKnowThat: string;
  /** Ends the waiting when aborted. */
  readonly signal?: AbortSignal;
}

/** What a recovery did. */
export interface Recovered {
  /** The last index of the log that goes on. */
  readonly index: number;
  /** The term in which it goes on. */
  readonly term: number;
  /** Entries that were not known to be committed, and count as committed now. */
  readonly uncommitted: number;
  /** The members that are none any more. Forget their stores, and have them join as new ones. */
  readonly dropped: readonly string[];
}

/**
 * Makes a node the only member of its cluster, in its store. Start it afterwards as before, and have others join.
 *
 * Of several nodes that are left choose the one with the highest `term`, then the highest `last.index`.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION` unless the words are said.
 * @throws {HoldfastError} `ERR_NOT_FOUND` if the store has no log, `ERR_FENCED` if a process of the node starts meanwhile.
 */
export async function recoverQuorum(
  backend: RaftBackend,
  options: RecoverOptions,
): Promise<Recovered> {
  checkOptions("recover", options, ["url", "namespace", "iKnowThat", "signal"]);
  const { url, namespace = "raft", iKnowThat, signal } = options;
  if (iKnowThat !== RECOVERY_WORDS) {
    throw new ArgumentError(
      "ERR_INVALID_OPTION",
      `Cannot recover as iKnowThat must be ${JSON.stringify(RECOVERY_WORDS)}`,
    );
  }
  const { raft, random } = backend;
  const node: StoreNode = { namespace, id: url };
  const owner = randomToken(random);
  const order = { owner, incarnation: 1, bytesMax: 1 };
  const opened = await raft.open(node, order, { signal });
  const { epoch, incarnation, lastIndex, commit, base, snapshot, hardState } = opened;
  if (lastIndex === 0) {
    throw new HoldfastError("ERR_NOT_FOUND", "Cannot recover as the store has no log");
  }
  const entries = await tailOf(backend, node, base.index + 1, lastIndex + 1, signal);
  const last = entries.at(-1) ?? { ...base, timeMs: snapshot?.timeMs ?? 0 };
  const before = entries.findLast((entry) => entry.kind === "membership")?.membership ??
    snapshot?.membership;
  const membership = simpleMembership([{ ...memberOf(before, url), id: url, incarnation }]);
  const term = hardState.term + 1;
  const index = lastIndex + 1;
  const entry: Entry = { kind: "membership", index, term, timeMs: last.timeMs, membership };
  const save = {
    hardState: { term, vote: url },
    commit: index,
    append: { prev: { index: lastIndex, term: last.term }, entries: [entry] },
  };
  const answer = await raft.save(node, { owner, epoch, operation: 1 }, save, { signal });
  if (answer.kind !== "done") {
    throw new HoldfastError(
      "ERR_FENCED",
      "Cannot recover as a process of this node has just started",
    );
  }
  const known = before === undefined ? [] : allMembers(before);
  const dropped = known.map(({ id }) => id).filter((id) => id !== url);
  return { index, term, uncommitted: lastIndex - commit, dropped };
}

function memberOf(membership: Membership | undefined, url: string): object {
  const member = membership && allMembers(membership).find(({ id }) => id === url);
  return member ?? {};
}

async function tailOf(
  { raft }: RaftBackend,
  node: StoreNode,
  from: number,
  to: number,
  signal: AbortSignal | undefined,
): Promise<readonly Entry[]> {
  const all: Entry[] = [];
  while (from + all.length < to) {
    const range = { from: from + all.length, to, bytesMax: 4 * 1024 * 1024 };
    const some = await raft.entries(node, range, { signal });
    if (some.length === 0) break;
    for (const entry of some) all.push(entry);
  }
  return all;
}
