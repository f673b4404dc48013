/**
 * Positions of a log on the wire: one word each.
 *
 * @module
 */

import type { LogPosition } from "../log/mod.ts";
import { Refusal } from "./refusal.ts";

/** A position as a word. */
export function positionWord({ epoch, index, tag }: LogPosition): string {
  return `${epoch}.${index}.${tag}`;
}

/** The position of a word. The log itself judges whether it is one of its own. */
export function positionOfWord(word: unknown): LogPosition {
  const [, epoch, index, tag] =
    /^([\w-]{1,64})\.(\d{1,16})\.([\w-]{0,64})$/.exec(typeof word === "string" ? word : "") ?? [];
  if (epoch !== undefined && tag !== undefined) return { epoch, index: Number(index), tag };
  throw new Refusal(400, {
    code: "ERR_INVALID_CURSOR",
    detail: "A position must be one that the log gave",
  });
}

/** Where reading begins, as a query says it. */
export function fromOfWord(word: string | null): LogPosition | "start" | "end" {
  if (word === null || word === "start") return "start";
  return word === "end" ? word : positionOfWord(word);
}
