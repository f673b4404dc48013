/**
 * Documents on Redis: the driver of the port.
 *
 * A commit is one script, and so is what reads documents; a page of an index is one plain command. What each costs
 * stands in the README.
 *
 * @module
 */

import { wakeChannel } from "../../src/documents/port.ts";
import type { FrontDocumentStore } from "../../src/documents/journal_port.ts";
import type { DocumentUnit } from "../../src/documents/port.ts";
import type { RedisConnection } from "./connection.ts";
import { ADVANCE_SCRIPT, advanceArgs } from "./document_advance_script.ts";
import { COMMIT_SCRIPT } from "./document_commit_script.ts";
import { HISTORY_SCRIPT, READ_SCRIPT } from "./document_read_scripts.ts";
import {
  advanceResult,
  ANSWER_BOUNDS,
  commitArgs,
  commitResult,
  historyRead,
  readResults,
} from "./document_values.ts";
import { type DocumentKeys, documentKeys } from "./keys.ts";
import { CHANGES_BYTES_MAX, CHANGES_SCRIPT } from "./model_read_scripts.ts";
import { headRead, journalRead, numbered, texts } from "./model_values.ts";

export * from "./connection.ts";

/** A store of documents on a Redis. Holds nothing between calls. */
export function redisDocumentStore({ client, namespace }: RedisConnection): FrontDocumentStore {
  const keysOf = ({ collection, shard }: DocumentUnit): DocumentKeys =>
    documentKeys(namespace, collection, shard);
  return {
    async commit(unit, commit, options) {
      const { journal, order, document, milestones } = keysOf(unit);
      const reply = await client.run(COMMIT_SCRIPT, {
        ...options,
        keys: [document(commit.id), milestones(commit.id), journal, order],
        args: commitArgs(unit, commit),
        channel: wakeChannel(unit),
      });
      return commitResult(texts(reply), commit);
    },

    async advance(unit, advance, options) {
      const { journal, order, document, milestones } = keysOf(unit);
      const { id } = advance;
      const reply = await client.run(ADVANCE_SCRIPT, {
        ...options,
        keys: [document(id), milestones(id), journal, order],
        args: advanceArgs(unit, advance),
        channel: wakeChannel(unit),
      });
      return advanceResult(texts(reply));
    },

    async read(unit, wants, options) {
      if (wants.length === 0) return [];
      const { document } = keysOf(unit);
      const positions = wants.map(({ after }) => after);
      const args = positions.flatMap((after) =>
        after === undefined
          ? ["", "", ""]
          : [String(after.version), after.epoch ?? "*", after.tag ?? "*"]
      );
      const keys = wants.map(({ id }) => document(id));
      const all = [...ANSWER_BOUNDS, ...args];
      const reply = await client.run(READ_SCRIPT, { ...options, keys, args: all });
      return readResults(texts(reply), positions);
    },

    async history(unit, id, moment, options) {
      const { document, milestones } = keysOf(unit);
      const asked = "version" in moment
        ? ["version", String(moment.version)]
        : ["time", String(moment.atMs)];
      const reply = await client.run(HISTORY_SCRIPT, {
        ...options,
        keys: [document(id), milestones(id)],
        args: [...asked, ...ANSWER_BOUNDS],
      });
      return historyRead(texts(reply));
    },

    async changes(unit, after, { limit, ...options }) {
      const { journal } = keysOf(unit);
      if (after === undefined) {
        const call = { ...options, effect: "read" } as const;
        const reply = await client.command(["HMGET", journal, "epoch", "seq", "tag"], call);
        return headRead(reply, true);
      }
      const { epoch, index, tag } = after;
      const args = [epoch, String(index), tag, String(limit), String(CHANGES_BYTES_MAX)];
      const reply = await client.run(CHANGES_SCRIPT, { ...options, keys: [journal], args });
      return numbered(journalRead(reply), index);
    },

    async page(unit, { from, to }, { limit, isReverse, ...options }) {
      const { order } = keysOf(unit);
      const [command, first, last] = isReverse
        ? ["ZREVRANGEBYLEX", `(${to}`, `[${from}`] as const
        : ["ZRANGEBYLEX", `[${from}`, `(${to}`] as const;
      const call = { ...options, effect: "read" } as const;
      return texts(
        await client.command([command, order, first, last, "LIMIT", "0", String(limit)], call),
      );
    },
  };
}
