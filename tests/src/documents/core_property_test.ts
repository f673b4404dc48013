/**
 * Cores of several processes on one store, under random edits, second arrivals and lost answers. By seed: SEED=… replays
 * one run.
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import type { Change, Op } from "../../../src/documents/change.ts";
import type { DocumentCore, Submission, SubmitResult } from "../../../src/documents/core.ts";
import type { DocumentStore } from "../../../src/documents/port.ts";
import { HoldfastError } from "../../../src/errors.ts";
import { json, text } from "../../../src/ot/mod.ts";
import { type Random, randomInteger, seededRandom } from "../../../src/random.ts";
import type { Awaitable } from "../../../src/waiting.ts";
import { coreOn, must, snapshotIn } from "../../support/documents/core.ts";

const SEEDS = Deno.env.get("SEED") === undefined
  ? Array.from({ length: 12 }, (_, at) => at + 1)
  : [Number(Deno.env.get("SEED"))];

for (const type of ["json", "text"]) {
  Deno.test(`DocumentCore keeps every acknowledged edit of a ${type} document once, whatever is lost`, async () => {
    for (const seed of SEEDS) await run(seed, type);
  });
}

async function run(seed: number, type: string): Promise<void> {
  const random = seededRandom(seed);
  const base = memory({ isolation: seed % 3 === 0 ? "request" : "process" });
  const backend = { ...base, documents: losing(base.documents, random) };
  const keep = { ops: 300, snapshotEvery: 1 + seed * 3 };
  const cores = Array.from({ length: 3 }, () => coreOn(backend, { keep }));
  const clean = coreOn(base, { keep });
  const created: Change = { kind: "create", type, data: type === "json" ? { l: [] } : "" };
  must(
    await clean.submit("things", "1", { source: "o", sequence: 0, change: created }),
    "committed",
  );
  const acked = new Map<string, number>();
  await Promise.all(Array.from({ length: 6 }, async (_, at) => {
    const core = cores[at % 3];
    if (core === undefined) return;
    const mirror = await mirrorOf(core);
    for (let sequence = 0; sequence < 25; sequence++) {
      const change: Change = { kind: "op", op: edit(random, mirror.content, type) };
      const submission = { source: `s${at}`, sequence, change, base: { version: mirror.version } };
      acked.set(`s${at}:${sequence}`, await insisted(core, submission, random));
      if (random.float() < 0.5) Object.assign(mirror, await mirrorOf(core));
    }
  }));
  const log = must((await clean.read("things", [{ id: "1", after: { version: 0 } }]))[0], "ops");
  const said = `seed ${seed}, ${type}`;
  strictEqual(log.ops.length, 151, said);
  for (const op of log.ops.slice(1)) {
    strictEqual(acked.get(`${op.source}:${op.sequence}`), op.version, said);
  }
  const { data, version } = await snapshotIn(clean);
  strictEqual(version, 151, said);
  deepStrictEqual(folded(log.ops, type), data, said);
  for (const core of cores) {
    deepStrictEqual(await steadily(() => snapshotIn(core)), await snapshotIn(clean), said);
  }
}

/** What a client knows: a version, and the document at it. */
async function mirrorOf(core: DocumentCore): Promise<{ version: number; content: unknown }> {
  const { version, data } = await steadily(() => snapshotIn(core));
  return { version, content: data };
}

function edit(random: Random, content: unknown, type: string): never {
  if (type === "text") {
    const length = String(content).length;
    const at = randomInteger(random, 0, length + 1);
    const skip = at === 0 ? [] : [at];
    const isDeletion = at < length && random.float() < 0.3;
    return [...skip, isDeletion ? { d: 1 } : "x"] as never;
  }
  const { l } = content as { l: unknown[] };
  const at = randomInteger(random, 0, l.length + 1);
  if (at < l.length && random.float() < 0.3) return [{ p: ["l", at], ld: l[at] }] as never;
  return [{ p: ["l", at], li: randomInteger(random, 0, 1_000) }] as never;
}

/** Submits until it is told what came of it, and now and then once more. Gives the version. */
async function insisted(
  core: DocumentCore,
  submission: Submission,
  random: Random,
): Promise<number> {
  const result = await steadily(() => core.submit("things", "1", submission));
  const version = versionOf(result);
  if (random.float() < 0.2) {
    strictEqual(versionOf(await steadily(() => core.submit("things", "1", submission))), version);
  }
  return version;
}

function versionOf(result: SubmitResult): number {
  if (result.kind === "refused") throw result.error;
  return result.kind === "committed" ? result.op.version : result.version;
}

async function steadily<T>(action: () => Promise<T>): Promise<T> {
  for (let tries = 0;; tries++) {
    try {
      return await action();
    } catch (error) {
      // The store's way of saying that an answer was lost; the same may be asked again.
      if (!HoldfastError.is(error, "ERR_UNAVAILABLE") || tries === 100) throw error;
    }
  }
}

/** The same store, some requests and some answers of which are lost. */
function losing(store: DocumentStore, random: Random): DocumentStore {
  const lost = () => new HoldfastError("ERR_UNAVAILABLE", "lost");
  const lossy = async <T>(ask: () => Awaitable<T>): Promise<T> => {
    if (random.float() < 0.05) throw lost();
    const answer = await ask();
    if (random.float() < 0.05) throw lost();
    // Others may go first.
    for (let turns = randomInteger(random, 0, 4); turns > 0; turns--) await undefined;
    return answer;
  };
  return {
    ...store,
    commit: (unit, commit, options) => lossy(() => store.commit(unit, commit, options)),
    read: (unit, wants, options) => lossy(() => store.read(unit, wants, options)),
  };
}

function folded(ops: readonly Op[], type: string): unknown {
  let content: unknown = type === "json" ? { l: [] } : "";
  for (const op of ops.slice(1)) {
    if (op.kind !== "op") continue;
    content = type === "json"
      ? json.apply(content as never, op.op as never)
      : text.apply(content as never, op.op as never);
  }
  return content;
}
