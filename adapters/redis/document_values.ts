/**
 * What the scripts of documents take and answer, as texts and back.
 *
 * @module
 */

import type { Op } from "../../src/documents/change.ts";
import type { AdvanceResult } from "../../src/documents/journal_port.ts";
import { changeText, parseOps, parseSnapshot, snapshotText } from "../../src/documents/op_text.ts";
import {
  ANSWER_BYTES_MAX,
  ANSWER_OPS_MAX,
  type CommitResult,
  type DocumentCommit,
  type DocumentHead,
  type DocumentRead,
  type DocumentUnit,
  type HistoryRead,
  JOURNAL_OPS_BYTES_MAX,
  type StoredSnapshot,
} from "../../src/documents/port.ts";
import { malformed } from "./failures.ts";

/** What a log is whose snapshot was never written. */
const NOTHING: StoredSnapshot = {
  version: 0,
  tag: "",
  createdAtMs: 0,
  changedAtMs: 0,
  type: undefined,
  data: undefined,
};
/** The parts of a head, in the order in which scripts give them. */
const HEAD_PARTS = 5;
const CORRUPT = { kind: "corrupt" } as const;

/** The most operations and bytes of an answer. */
export const ANSWER_BOUNDS: readonly string[] = [String(ANSWER_OPS_MAX), String(ANSWER_BYTES_MAX)];

/** The arguments of the committing script. */
export function commitArgs(unit: DocumentUnit, commit: DocumentCommit): string[] {
  const { id, base, ops, snapshot, entries } = commit;
  const { log, journal } = unit;
  const known = unit.isIndexed ? entries : undefined;
  return [
    ...[String(base.version), base.epoch ?? "*", base.tag ?? "*", id, JSON.stringify(id)],
    ...[log.opsMax, log.bytesMax, log.ageMsMax, log.identitiesMax, log.identityMsMax].map(
      boundText,
    ),
    ...[snapshot === undefined ? "" : snapshotText(snapshot), commit.isMilestone ? "1" : "0"],
    ...[boundText(log.milestonesMax), ...ANSWER_BOUNDS, String(JOURNAL_OPS_BYTES_MAX)],
    ...[journal.entriesMax, journal.bytesMax, journal.ageMsMax].map(boundText),
    ...[ops.some(({ kind }) => kind === "create") ? "1" : "0", String(known?.length ?? -1)],
    ...[String(ops.length), commit.commutes ? "1" : "0", commit.isNew ? "1" : "0"],
    ...ops.flatMap((op) => [op.tag, op.source, String(op.sequence), changeText(op)]),
    ...known ?? [],
  ];
}

/** What the committing script answered. */
export function commitResult(
  parts: readonly string[],
  { base, ops: given }: DocumentCommit,
): CommitResult {
  const [kind, ...rest] = parts;
  const head = headOf(rest);
  const after = rest.slice(HEAD_PARTS);
  switch (kind) {
    case "done":
      return doneOf(head, after, base.version);
    case "duplicate": {
      const count = Number(after.shift());
      const known = Array.from({ length: count }, (_, i) => ({
        at: Number(after[2 * i]),
        version: Number(after[2 * i + 1]),
      }));
      if (known.some(({ at }) => given[at] === undefined)) throw strange();
      const ops = parseOps(after.slice(2 * count), base.version);
      return ops === undefined ? CORRUPT : { kind, known, head, ops };
    }
    case "behind": {
      const ops = parseOps(after, base.version);
      return ops === undefined ? CORRUPT : { kind, head, ops };
    }
    case "ahead":
    case "foreign":
      return { kind, head };
    case "trimmed":
      return { kind, head, isUnknown: after[0] === "1" };
    case "corrupt":
      return CORRUPT;
    default:
      throw strange();
  }
}

function doneOf(
  head: DocumentHead,
  [atMs, losers, ...lines]: readonly string[],
  from: number,
): CommitResult {
  // Committed it is, whatever others' lines before it are.
  const missed = lines.length === 0 ? undefined : parseOps(lines, from);
  if (lines.length > 0 && missed === undefined) return CORRUPT;
  const told = { ...missed && { missed }, ...losers !== "0" && { losers: Number(losers) } };
  return { kind: "done", head, atMs: Number(atMs), ...told };
}

/** What the advancing script answered. */
export function advanceResult([kind, ...rest]: readonly string[]): AdvanceResult {
  if (kind !== "done" && kind !== "gap") throw strange();
  const [, losers = "0"] = rest.slice(HEAD_PARTS);
  return { kind, head: headOf(rest), ...losers !== "0" && { losers: Number(losers) } };
}

/** What the reading script answered, of so many documents. */
export function readResults(
  parts: readonly string[],
  after: readonly ({ readonly version: number } | undefined)[],
): readonly DocumentRead[] {
  let at = 0;
  return after.map((position) => {
    const count = Number(parts[at]);
    if (!(count > 0)) throw strange();
    const own = parts.slice(at + 1, at + 1 + count);
    at += 1 + count;
    return readResult(own, position?.version ?? 0);
  });
}

/** What the script of history answered. */
export function historyRead(parts: readonly string[]): HistoryRead {
  const [kind, ...rest] = parts;
  if (kind === "absent" || kind === "corrupt") return { kind };
  if (kind === "trimmed") return { kind, head: headOf(rest) };
  const found = storedFrom(rest);
  return found === undefined ? CORRUPT : { kind: "found", ...found };
}

function readResult([kind, ...rest]: readonly string[], version: number): DocumentRead {
  switch (kind) {
    case "absent":
    case "corrupt":
      return { kind };
    case "ops": {
      const ops = parseOps(rest.slice(HEAD_PARTS), version);
      return ops === undefined ? CORRUPT : { kind, head: headOf(rest), ops };
    }
    case "snapshot": {
      const found = storedFrom(rest);
      return found === undefined ? CORRUPT : { kind, ...found };
    }
    default:
      throw strange();
  }
}

function storedFrom(parts: readonly string[]):
  | {
    readonly head: DocumentHead;
    readonly snapshot: StoredSnapshot;
    readonly ops: readonly Op[];
  }
  | undefined {
  const [line = "", ...lines] = parts.slice(HEAD_PARTS);
  const snapshot = line === "" ? NOTHING : parseSnapshot(line);
  const ops = snapshot && parseOps(lines, snapshot.version);
  return snapshot && ops && { head: headOf(parts), snapshot, ops };
}

function headOf([epoch = "", version, tag = "", first, snapshot]: readonly string[]): DocumentHead {
  return {
    epoch,
    version: Number(version),
    tag,
    firstVersion: Number(first),
    snapshotVersion: Number(snapshot),
  };
}

/** A bound as text: Lua reads no infinity. */
export function boundText(max: number): string {
  return String(Math.min(max, Number.MAX_SAFE_INTEGER));
}

function strange(): Error {
  return malformed("a script's answer is none that it gives");
}
