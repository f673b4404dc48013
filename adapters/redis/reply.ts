/**
 * Commands and what Redis answers to them; and the place where an answer, which may be anything, becomes one.
 *
 * @module
 */

import type { HoldfastError } from "../../src/errors.ts";
import { malformed, refusal } from "./failures.ts";

/** What Redis answers to a command. Integers beyond 2^53 are rounded: numbers that matter are stored as text. */
export type RedisReply = null | string | number | readonly RedisReply[];

/** A command and its arguments. */
export type RedisCommand = readonly [name: string, ...args: (string | number)[]];

/** The answer to one command of a pipeline. */
export type RedisResult =
  /** The command was carried out. */
  | { readonly kind: "reply"; readonly reply: RedisReply }
  /** The command was refused; the others of the pipeline are not affected. */
  | { readonly kind: "refused"; readonly error: HoldfastError };

/** A value as a reply; a failure if it is none. */
export function replyOf(value: unknown): RedisReply {
  if (isReply(value)) return value;
  throw malformed("its answer is no reply of Redis");
}

function isReply(value: unknown): value is RedisReply {
  return value === null || typeof value === "string" || typeof value === "number" ||
    (Array.isArray(value) && value.every(isReply));
}

/** An answer as the results of so many commands; a failure if it is none. */
export function resultsOf(answer: unknown, count: number): RedisResult[] {
  if (!Array.isArray(answer) || answer.length !== count) {
    throw malformed("its answer has not one result for each command");
  }
  return answer.map((item): RedisResult => {
    const error = field(item, "error");
    if (typeof error === "string") return { kind: "refused", error: refusal(error) };
    return { kind: "reply", reply: replyOf(field(item, "result")) };
  });
}

/** A member of an answer that may be anything. */
export function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
