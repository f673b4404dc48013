/**
 * What clients and servers of documents say, lines of logs and journals, queries, and paths of models.
 *
 * @module
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { parseJournalChange } from "../../../src/documents/journal_change.ts";
import { parseOp, parseSnapshot } from "../../../src/documents/op_text.ts";
import { parseClientMessage } from "../../../src/documents/protocol/parse.ts";
import { readServerMessage } from "../../../src/documents/protocol/replies.ts";
import { segmentsOf } from "../../../src/path_model/path.ts";
import { parseQuery } from "../../../src/queries/language.ts";
import { compilePattern } from "../../../src/queries/pattern.ts";
import { anyText, assertUnpolluted, type FuzzTarget, nearly, refusing, target } from "../target.ts";

const MESSAGES = [
  '{"a":"hs","id":null,"protocol":1,"protocolMinor":2,"holdfast":1}',
  '{"a":"op","c":"posts","d":"1","v":3,"src":"x","seq":2,"op":[{"p":["a"],"oi":1}],"x":{}}',
  '{"a":"bs","c":"posts","b":{"1":3,"__proto__":null},"e":{"1":"e"},"n":4}',
  '{"a":"qs","id":1,"c":"posts","q":{"a":{"$gt":1}},"r":[["1",2],["2",null]]}',
  '{"a":"p","ch":"room","id":"me","p":{"x":1},"pv":1,"t":"json"}',
  '{"a":"nt","id":1,"c":"posts","d":"1","ts":1000}',
];
const QUERIES = nearly(
  '{"a":1,"b.c":{"$in":[1,null,"x"],"$not":{"$regex":"^a+b"}},"$sort":{"a":-1},"$limit":3}',
  '{"$or":[{"a":{"$elemMatch":{"b":{"$gte":2}}}},{"$nor":[{"c":{"$size":1}}]}],"$count":true}',
);

/** The value of a text that may be JSON. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A text is something to be sent as well.
    return text;
  }
}

/** The targets of documents, queries and paths. */
export const targets: readonly FuzzTarget[] = [
  target(
    "parseClientMessage() gives a message or a refusal, whatever a client says",
    fc.oneof(nearly(...MESSAGES), fc.json({ maxDepth: 5 })),
    (text) => {
      ok(typeof parseClientMessage(valueOf(text), 100) === "object");
      assertUnpolluted();
    },
  ),
  target(
    "readServerMessage() gives a message or nothing, whatever a server says",
    fc.oneof(nearly(...MESSAGES), fc.json({ maxDepth: 5 })),
    (text) => {
      readServerMessage(valueOf(text));
      assertUnpolluted();
    },
  ),
  target(
    "lines of logs and journals are what was written, or nothing",
    fc.oneof(anyText(), nearly('1a2b {"k":"op"}', "0 1 2 3 4 5 {}")),
    (line) => {
      parseOp(line, 3);
      parseSnapshot(line);
      parseJournalChange(line);
      assertUnpolluted();
    },
  ),
  target(
    "parseQuery() gives a query that can be asked, or refuses by a code",
    fc.oneof(QUERIES, fc.json({ maxDepth: 6 })),
    (text) => {
      const codes = ["ERR_QUERY_MALFORMED", "ERR_QUERY_OPERATOR", "ERR_QUERY_PATTERN"] as const;
      const query = refusing(() => parseQuery(valueOf(text)), ...codes, "ERR_TOO_LARGE");
      const data = { a: [1, { b: 2 }], b: { c: "aab" } };
      query?.matches({ id: "1", version: 1, type: "json", data });
      assertUnpolluted();
    },
  ),
  target(
    "compilePattern() gives a pattern that ends, or refuses it",
    nearly("^(a+)+$", "[^a-z\\d]{2,3}|\\bx?", "((a|b)*c){1,9}"),
    (source) => {
      const isFound = refusing(() => compilePattern(source, "i"), "ERR_QUERY_PATTERN");
      isFound?.("aAbBcC ".repeat(20));
    },
  ),
  target(
    "segmentsOf() gives segments that lead back to the path, or refuses it",
    fc.oneof(anyText(), nearly("posts.1.tags.0", "_page.__proto__.x")),
    (path) => {
      const segments = refusing(
        () => segmentsOf(path),
        "ERR_INVALID_PATH",
        "ERR_OP_PATH_FORBIDDEN",
      );
      if (segments !== undefined) deepStrictEqual(segments.join("."), path);
    },
  ),
];
