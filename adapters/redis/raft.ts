/**
 * Stores of nodes on Redis: the driver of the port. A write is one script, however many entries it has.
 *
 * A node's store is its own fault domain only if its Redis is: three nodes on one Redis survive the loss of processes,
 * not of that Redis. A server that loses its tail in a failover is caught by the operation number, and the node stops.
 *
 * @module
 */

import { fromBase64, joined, toBase64 } from "../../src/bytes.ts";
import { HoldfastError } from "../../src/errors.ts";
import type { SnapshotMeta } from "../../src/raft/core/message.ts";
import type {
  OpenedStore,
  RaftStore,
  StoreAnswer,
  StoreNode,
  StoreOptions,
  StoreProof,
} from "../../src/raft/port.ts";
import type { RedisConnection } from "./connection.ts";
import { malformed } from "./failures.ts";
import { raftKeys } from "./keys.ts";
import { entryText, parseEntry } from "./raft_entry.ts";
import {
  ENTRIES_SCRIPT,
  OPEN_SCRIPT,
  PIECE_SCRIPT,
  PUBLISH_SCRIPT,
  SAVE_SCRIPT,
  STAGE_SCRIPT,
} from "./raft_scripts.ts";
import type { RedisReply } from "./reply.ts";
import type { RedisScript } from "./scripts.ts";

export * from "./connection.ts";

/** A store of nodes on a Redis. Holds nothing between calls. */
export function redisRaftStore({ client, namespace }: RedisConnection): RaftStore {
  const run = async (
    script: RedisScript,
    node: StoreNode,
    args: readonly string[],
    { signal }: StoreOptions = {},
  ): Promise<readonly string[]> =>
    texts(await client.run(script, { keys: raftKeys(namespace, node), args, signal }));
  const write = async (
    script: RedisScript,
    node: StoreNode,
    { owner, epoch, operation }: StoreProof,
    args: readonly string[],
    options?: StoreOptions,
  ): Promise<StoreAnswer> =>
    answerOf(await run(script, node, [owner, `${epoch}`, `${operation}`, ...args], options));

  return {
    async open(node, { owner, incarnation, bytesMax }, options) {
      const args = [owner, `${incarnation}`, `${bytesMax}`];
      return openedOf(await run(OPEN_SCRIPT, node, args, options));
    },
    async save(node, proof, { hardState, commit, append }, options) {
      const args = [
        hardState === undefined ? "" : `${hardState.term}`,
        hardState?.vote ?? "",
        `${commit}`,
        append === undefined ? "" : `${append.prev.index}`,
        append === undefined ? "" : `${append.prev.term}`,
        `${append?.entries.at(-1)?.term ?? append?.prev.term ?? ""}`,
      ];
      for (const entry of append?.entries ?? []) args.push(entryText(entry));
      return await write(SAVE_SCRIPT, node, proof, args, options);
    },
    async stage(node, proof, { snapshot, offset, data }, options) {
      const place = [`${snapshot.index}`, `${snapshot.term}`, `${offset}`, `${data.length}`];
      return await write(STAGE_SCRIPT, node, proof, [...place, toBase64(data)], options);
    },
    async publish(node, proof, { snapshot, sizeBytes, keepAfter }, options) {
      const args = [
        `${snapshot.index}`,
        `${snapshot.term}`,
        `${sizeBytes}`,
        JSON.stringify(snapshot),
        `${keepAfter ?? ""}`,
      ];
      return await write(PUBLISH_SCRIPT, node, proof, args, options);
    },
    async entries(node, { from, to, bytesMax }, options) {
      const found = await run(ENTRIES_SCRIPT, node, [`${from}`, `${to}`, `${bytesMax}`], options);
      return found.map((text, at) => parseEntry(text, from + at));
    },
    async piece(node, { index, offset, bytesMax }, options) {
      const args = [`${index}`, `${offset}`, `${bytesMax}`];
      const [sizeBytes, start, ...pieces] = await run(PIECE_SCRIPT, node, args, options);
      if (sizeBytes === undefined) return undefined;
      const from = offset - Number(start);
      const data = joined(pieces.map(fromBase64)).slice(from, from + bytesMax);
      return { data, isLast: offset + data.length >= Number(sizeBytes) };
    },
    async forget(node, { signal } = {}) {
      await client.command(["DEL", ...raftKeys(namespace, node)], { effect: "repeatable", signal });
    },
  };
}

function openedOf(reply: readonly string[]): OpenedStore {
  const [epoch, incarnation, length, term, vote, commit, b, bt, n, meta, ...entries] = reply;
  const base = { index: Number(b), term: Number(bt) };
  const lastIndex = Number(n);
  if (Number(length) !== lastIndex - base.index) {
    throw new HoldfastError("ERR_STORE_REGRESSED", "Cannot open the store as entries are missing");
  }
  // The text is our own, written by publish().
  const snapshot: SnapshotMeta | undefined = meta === "" ? undefined : JSON.parse(meta ?? "");
  return {
    epoch: Number(epoch),
    incarnation: Number(incarnation),
    hardState: { term: Number(term), vote: vote === "" ? undefined : vote },
    commit: Number(commit),
    snapshot,
    base,
    entries: entries.map((text, at) => parseEntry(text, base.index + 1 + at)),
    lastIndex,
  };
}

function answerOf([kind, first = "", second, third]: readonly string[]): StoreAnswer {
  switch (kind) {
    case "done": {
      const base = { index: Number(first), term: Number(second) };
      return { kind, base, snapshotIndex: Number(third) };
    }
    case "fenced":
      return { kind, epoch: Number(first) };
    case "late":
    case "gap":
      return { kind };
    case "refused":
      return { kind, rule: first };
    default:
      throw malformed("a script's answer is none of a store");
  }
}

function texts(reply: RedisReply): readonly string[] {
  return Array.isArray(reply) ? reply.map(String) : [];
}
