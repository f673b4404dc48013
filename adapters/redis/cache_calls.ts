/**
 * What the scripts of the cache's store are called with, and what their answers say.
 *
 * @module
 */

import type {
  CacheSpace,
  CacheWrite,
  HeldLease,
  LeaseAnswer,
  LeaseOrder,
  LeaseReply,
  LeaseRequest,
  Outcome,
  StoreKey,
  WriteOrder,
} from "../../src/cache/port.ts";
import { beginning, found, head, lifeText, middle } from "./cache_record.ts";
import type { CacheKeys } from "./keys.ts";
import type { RedisReply } from "./reply.ts";

/** The keys and arguments of a script. */
export interface CacheCall {
  readonly keys: readonly string[];
  readonly args: readonly string[];
}

/** Asks for leases. */
export function leaseCall(
  names: CacheKeys,
  { raw }: CacheSpace,
  requests: readonly LeaseRequest[],
  order: LeaseOrder,
): CacheCall {
  return {
    keys: [names.root, ...pairsOf(names, requests), ...order.epochs.map(names.epoch)],
    args: [
      order.token,
      lifeText(order.leaseMs, "0"),
      String(order.costMs),
      lifeText(order.lifeMs, "inf"),
      String(requests.length),
      flag(raw),
      ...requests.flatMap(({ key, over }) => [fieldOf(key), overText(over)]),
    ],
  };
}

/** What became of requests for leases. */
export function leaseReply(
  answer: readonly string[],
  { raw }: CacheSpace,
  requests: readonly LeaseRequest[],
  order: LeaseOrder,
): LeaseReply {
  const [mark = "", nowMs, ...texts] = answer;
  const epochs = raw ? [] : texts.splice(0, order.epochs.length);
  const answers = requests.map((_, i) => answerOf(texts.slice(4 * i, 4 * i + 4), raw));
  return { answers, epochs, mark, nowMs: Number(nowMs) };
}

/** Ends leases; `nowMs` is when a bar begins. */
export function settleCall(
  names: CacheKeys,
  { raw, hashMode }: CacheSpace,
  outcomes: readonly Outcome[],
  { token, mark }: HeldLease,
  more: { readonly nowMs: number; readonly hasFieldExpiry: boolean },
): CacheCall {
  const fills = outcomes.filter((outcome) => outcome.kind === "fill");
  const late = [...new Set(fills.flatMap(({ lateTags }) => lateTags))];
  const lifeMs = Math.max(0, ...fills.map(({ record }) => record.terms.lifeMs));
  return {
    keys: [names.root, ...pairsOf(names, outcomes), ...late.map(names.epoch)],
    args: [
      token,
      mark,
      String(outcomes.length),
      hashMode,
      flag(more.hasFieldExpiry),
      String(Math.round(more.nowMs)),
      lifeText(lifeMs, "inf"),
      raw ? "" : "1",
      ...outcomes.flatMap((outcome) => outcomeArgs(outcome, late, raw, token)),
    ],
  };
}

/** Writes values under the id of this write. */
export function writeCall(
  names: CacheKeys,
  { raw, hashMode }: CacheSpace,
  writes: readonly CacheWrite[],
  { epochs, tags, deadlineMs }: WriteOrder,
  more: { readonly id: string; readonly hasFieldExpiry: boolean },
): CacheCall {
  return {
    keys: [names.root, ...pairsOf(names, writes), ...epochs.map(names.epoch)],
    args: [
      more.id,
      String(Math.floor(deadlineMs)),
      lifeText(Math.max(...writes.map(({ lifeMs }) => lifeMs)), "inf"),
      String(writes.length),
      flag(raw),
      hashMode,
      flag(more.hasFieldExpiry),
      ...writes.flatMap(({ key, text, ttlMs, lifeMs }) => [
        fieldOf(key),
        lifeText(lifeMs, ""),
        middle({ ttlMs, lifeMs, tags }, 0, more.id),
        raw ? text : `|${text}`,
      ]),
    ],
  };
}

/** The parts of a list; none of anything else. */
export function listOf(reply: RedisReply): readonly RedisReply[] {
  return Array.isArray(reply) ? reply : [];
}

/** A text, or `null` where there is none. */
export function textOf(reply: RedisReply | undefined): string | null {
  return typeof reply === "string" ? reply : null;
}

function pairsOf(names: CacheKeys, items: readonly { readonly key: StoreKey }[]): string[] {
  return items.flatMap(({ key }) => [names.value(key), names.lease(key)]);
}

function flag(is: boolean): string {
  return is ? "1" : "0";
}

function fieldOf(key: StoreKey): string {
  return typeof key === "string" ? "" : key[1];
}

function overText(over: LeaseRequest["over"]): string {
  if (over === "nothing") return "-";
  return over === "anything" ? "*" : beginning(over);
}

function answerOf([kind, a = "", b = "", c = ""]: string[], isBare: boolean): LeaseAnswer {
  switch (kind) {
    case "granted":
      return { kind };
    case "changed":
      return { kind, found: found(a, isBare) ?? "foreign" };
    case "barred":
      return { kind, remainingMs: Number(a) };
    default:
      return { kind: "busy", remainingMs: Number(a), costMs: Number(b), heldMs: Number(c) };
  }
}

function outcomeArgs(
  outcome: Outcome,
  late: readonly string[],
  isBare: boolean,
  id: string,
): string[] {
  const field = fieldOf(outcome.key);
  if (outcome.kind === "release") {
    return [field, "release", String(Math.ceil(outcome.barMs)), "", "", ""];
  }
  const { record, lateTags } = outcome;
  const life = lifeText(record.terms.lifeMs, "");
  if (isBare) return [field, "fill", life, "", "", record.text];
  const places = lateTags.map((tag) => late.indexOf(tag) + 1).join(" ");
  return [field, "fill", life, places, head(record, id), `|${record.text}`];
}
