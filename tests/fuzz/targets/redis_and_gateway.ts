/**
 * What comes from a Redis behind REST, and what comes to the gateway.
 *
 * @module
 */

import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { commandOfPath, parseCommand, parseCommands } from "../../../adapters/gateway/command.ts";
import { Refusal } from "../../../adapters/gateway/refusal.ts";
import { eventStreamLines, LINE_LENGTH_MAX } from "../../../adapters/redis/event_stream.ts";
import { replyOf, resultsOf } from "../../../adapters/redis/reply.ts";
import {
  anyBytes,
  anyText,
  assertUnpolluted,
  type FuzzTarget,
  nearly,
  refusing,
  target,
} from "../target.ts";

function linesOf(chunks: readonly Uint8Array[]): readonly string[] {
  const lines: string[] = [];
  const take = eventStreamLines((data) => lines.push(data));
  for (const chunk of chunks) take(chunk);
  return lines;
}

/** The answer, or nothing if the gateway refuses it by a status of its own. */
function answered(parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    if (!(error instanceof Refusal) || error.status >= 500) throw error;
  }
}

/** The targets of the drivers. */
export const targets: readonly FuzzTarget[] = [
  target(
    "eventStreamLines() reads the same lines however they are cut",
    fc.tuple(
      fc.oneof(
        anyBytes(),
        nearly("data: message,ns:a,b\n\n: beat\r\n\r\ndata:x\ndata: 🙂\n").map((text) =>
          new TextEncoder().encode(text)
        ),
      ),
      fc.array(fc.nat(400), { maxLength: 8 }),
    ),
    ([bytes, cuts]) => {
      const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b)];
      const chunks = places.map((from, at) => bytes.slice(from, places[at + 1] ?? bytes.length));
      // A return at the end of a chunk may be half of a line's end: the last line is told when it is sure.
      const end = new TextEncoder().encode("\n");
      deepStrictEqual(linesOf([...chunks, end]), linesOf([bytes, end]));
      for (const line of linesOf([bytes, end])) {
        if (line.length > LINE_LENGTH_MAX) throw new Error("a line is too long");
      }
    },
  ),
  target("replyOf() takes replies, and refuses all else", fc.jsonValue(), (value) => {
    refusing(() => replyOf(value), "ERR_UNAVAILABLE");
  }),
  target(
    "resultsOf() takes one result for each command",
    fc.tuple(
      fc.oneof(
        fc.jsonValue(),
        fc.array(fc.record({ result: fc.jsonValue(), error: fc.string() }, { requiredKeys: [] })),
      ),
      fc.nat(4),
    ),
    ([answer, count]) => {
      const results = refusing(() => resultsOf(answer, count), "ERR_UNAVAILABLE");
      if (results !== undefined) deepStrictEqual(results.length, count);
    },
  ),
  target(
    "parseCommand() and parseCommands() take bodies or refuse them by 4xx",
    fc.oneof(anyText(), fc.json(), nearly('["SET","k",1]', '[["GET","k"],["PING"]]')),
    (body) => {
      answered(() => parseCommand(body));
      answered(() => parseCommands(body, "pipeline"));
      assertUnpolluted();
    },
  ),
  target(
    "commandOfPath() takes paths or refuses them by 4xx",
    fc.tuple(fc.oneof(anyText(), nearly("/set/k/v", "/get/%E2%82%AC")), anyBytes(), anyText()),
    ([path, body, query]) => answered(() => commandOfPath(path, body, query)),
  ),
];
