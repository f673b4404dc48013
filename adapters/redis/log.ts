/**
 * Logs on Redis: the driver of the port.
 *
 * An append is one script and five billed commands, however many entries it has; how a log stands and its snapshot are
 * plain reads. What each call costs stands in the README.
 *
 * @module
 */

import type {
  LogAppendResult,
  LogCommitResult,
  LogPosition,
  LogRead,
  LogShape,
  LogState,
  LogStore,
  LogTrimResult,
} from "../../src/log/port.ts";
import { logChannel, NO_ENTRIES } from "../../src/log/port.ts";
import type { RedisConnection } from "./connection.ts";
import { malformed } from "./failures.ts";
import { unitPrefix } from "./keys.ts";
import { APPEND_SCRIPT, FENCE_SCRIPT, READ_SCRIPT, SEAL_SCRIPT } from "./log_scripts.ts";
import { COMMIT_SCRIPT, TRIM_SCRIPT } from "./log_trim_scripts.ts";
import type { RedisReply } from "./reply.ts";

export * from "./connection.ts";

/** A store of logs on a Redis. Holds nothing between calls. */
export function redisLogStore({ client, namespace }: RedisConnection): LogStore {
  const keyOf = ({ name }: LogShape, kind: string): string =>
    unitPrefix(namespace, "log", name) + kind;
  const keysOf = (log: LogShape): string[] => [keyOf(log, "head"), keyOf(log, "entries")];
  return {
    async append(log, entries, { writer, tag, expect, fence = "", signal }) {
      const { id, sequence } = writer;
      const bounds = [String(log.entriesMax), String(log.bytesMax)];
      const args = [id, String(sequence), tag, fence, ...placeArgs(expect), ...bounds];
      const last = entries.length - 1;
      entries.forEach((entry, at) => args.push(`${tag} ${at === last ? id : "-"} ${entry}`));
      const channel = logChannel(log.name);
      return appendResult(
        texts(await client.run(APPEND_SCRIPT, { keys: keysOf(log), args, channel, signal })),
      );
    },

    async read(log, after, { limit, signal }) {
      const args = [...placeArgs(after), String(limit)];
      return logRead(texts(await client.run(READ_SCRIPT, { keys: keysOf(log), args, signal })));
    },

    async state(log, { signal } = {}) {
      const command = ["HMGET", keyOf(log, "head"), ...STATE_FIELDS] as const;
      const reply = await client.command(command, { effect: "read", signal });
      return stateOf(Array.isArray(reply) ? reply : []);
    },

    async fence(log, token, { signal } = {}) {
      const keys = [keyOf(log, "head")];
      return headOf(texts(await client.run(FENCE_SCRIPT, { keys, args: [token], signal })));
    },

    async seal(log, fence = "", { signal } = {}) {
      const call = { keys: [keyOf(log, "head")], args: [fence], channel: logChannel(log.name) };
      return headOf(texts(await client.run(SEAL_SCRIPT, { ...call, signal })));
    },

    async trim(log, { snapshot, upTo, isForced, signal }) {
      const keys = [...keysOf(log), keyOf(log, "snapshot"), keyOf(log, "fading")];
      const saved = [...placeArgs(snapshot?.position), snapshot?.text ?? ""];
      const args = [...saved, ...placeArgs(upTo), isForced ? "1" : "0", ageOf(log)];
      return trimResult(texts(await client.run(TRIM_SCRIPT, { keys, args, signal })));
    },

    async snapshot(log, { signal } = {}) {
      const command = ["GET", keyOf(log, "snapshot")] as const;
      const reply = await client.command(command, { effect: "read", signal });
      if (typeof reply !== "string") return undefined;
      const end = reply.indexOf("\n");
      const position = spelt(reply.slice(0, end));
      if (position === undefined) throw malformed("a snapshot has no position");
      return { position, text: reply.slice(end + 1) };
    },

    async commit(log, consumer, position, { signal } = {}) {
      const args = [consumer, ...placeArgs(position), ageOf(log)];
      return commitResult(
        texts(await client.run(COMMIT_SCRIPT, { keys: keysOf(log), args, signal })),
      );
    },
  };
}

const STATE_FIELDS: readonly string[] = [
  "epoch",
  "index",
  "tag",
  "base",
  "baseTag",
  "bytes",
  "fence",
  "sealed",
  "snapshot",
  "consumers",
];

function placeArgs(position: LogPosition | undefined): string[] {
  return position === undefined
    ? ["", "", ""]
    : [position.epoch, String(position.index), position.tag];
}

function ageOf({ ageMsMax }: LogShape): string {
  return ageMsMax === Infinity ? "-1" : String(Math.floor(ageMsMax));
}

function texts(reply: RedisReply): readonly string[] {
  if (Array.isArray(reply) && reply.every((part) => typeof part === "string")) return reply;
  throw malformed("a script's answer is no list of texts");
}

function position([epoch = "", index, tag = ""]: readonly string[]): LogPosition {
  return { epoch, index: Number(index), tag };
}

/** `epoch SP index SP tag`, as the snapshot and the consumers have it. */
function spelt(text: string): LogPosition | undefined {
  const parts = text.split(" ");
  return parts.length === 3 ? position(parts) : undefined;
}

function appendResult([kind, epoch = "", ...rest]: readonly string[]): LogAppendResult {
  switch (kind) {
    case "done":
    case "repeat": {
      const [first, last, tag = ""] = rest[0]?.split(" ") ?? [];
      return {
        kind: "done",
        first: { epoch, index: Number(first), tag },
        last: { epoch, index: Number(last), tag },
        isRepeat: kind === "repeat",
      };
    }
    case "conflict":
      return { kind, head: position([epoch, ...rest]) };
    case "fenced":
    case "sealed":
    case "full":
    case "regressed":
    case "unknown":
      return { kind };
    default:
      throw malformed("a script's answer is none of an append");
  }
}

function logRead([kind, ...rest]: readonly string[]): LogRead {
  if (kind === "trimmed") return { kind, start: position(rest) };
  if (kind === "regressed") return { kind };
  const [, , , isSealed, index, ...lines] = rest;
  const entries = lines.map((line, at) => {
    const tagEnd = line.indexOf(" ");
    const entry = line.slice(line.indexOf(" ", tagEnd + 1) + 1);
    return { index: Number(index) + at + 1, tag: line.slice(0, tagEnd), entry };
  });
  return { kind: "entries", entries, head: position(rest), isSealed: isSealed === "1" };
}

function stateOf(values: readonly RedisReply[]): LogState {
  const [epoch, index, tag, base, baseTag, bytes, fence, sealed, snapshot, consumers] = values
    .map((value) => typeof value === "string" ? value : undefined);
  const all = consumers?.split(";").slice(0, -1).map((line) => line.split(" ")) ?? [];
  return {
    head: position([epoch ?? NO_ENTRIES.epoch, index ?? "0", tag ?? ""]),
    start: position([epoch ?? NO_ENTRIES.epoch, base ?? "0", baseTag ?? ""]),
    bytes: Number(bytes ?? 0),
    isFenced: fence !== undefined,
    isSealed: sealed !== undefined,
    snapshot: spelt(snapshot ?? ""),
    consumers: new Map(all.map(([name = "", ...place]) => [name, position(place)])),
  };
}

function headOf([kind, ...rest]: readonly string[]): LogPosition | undefined {
  return kind === "fenced" ? undefined : position(rest);
}

function trimResult([kind, ...rest]: readonly string[]): LogTrimResult {
  if (kind === "regressed") return { kind };
  if (kind === "trimmed") return { kind, start: position(rest) };
  if (kind === "behind") return { kind, snapshot: position(rest) };
  return { kind: "done", start: position(rest), isDone: rest[3] === "1" };
}

function commitResult([kind, ...rest]: readonly string[]): LogCommitResult {
  if (kind === "regressed" || kind === "full") return { kind };
  if (kind === "trimmed") return { kind, start: position(rest) };
  return { kind: "done", position: rest[1] === "" ? undefined : position(rest) };
}
