import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  eventStreamLines,
  LINE_LENGTH_MAX,
  OVERLONG,
} from "../../../adapters/redis/event_stream.ts";

const encoder = new TextEncoder();

function read(chunks: readonly Uint8Array[]): string[] {
  const lines: string[] = [];
  const push = eventStreamLines((data) => lines.push(data));
  for (const chunk of chunks) push(chunk);
  return lines;
}

Deno.test("eventStreamLines() gives the same lines however the bytes are split", () => {
  const text = "data: a,b\n\ndata:no space\r\n\r\n: comment\ndata:  two 🙂\rid: 7\n\ndata: rest";
  const expected = ["a,b", "", "no space", "", "", " two 🙂", "", ""];
  const bytes = encoder.encode(text);
  for (let size = 1; size <= bytes.length; size++) {
    const chunks = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
    deepStrictEqual(read(chunks), expected, `chunks of ${size}`);
  }
});

Deno.test("eventStreamLines() keeps a bounded line, and tells of one that is longer", () => {
  const long = "x".repeat(LINE_LENGTH_MAX + 1);
  const fits = "y".repeat(LINE_LENGTH_MAX - 6);
  const text = `data: ${long}\ndata: ${fits}\ndata: after\n`;
  deepStrictEqual(read([encoder.encode(text)]), [OVERLONG, fits, "after"]);
  const bytes = encoder.encode(text);
  const chunks = [];
  for (let at = 0; at < bytes.length; at += 1_000) chunks.push(bytes.subarray(at, at + 1_000));
  deepStrictEqual(read(chunks), [OVERLONG, fits, "after"]);
});

Deno.test("eventStreamLines() holds no more than a line of a stream that has none", () => {
  const push = eventStreamLines(() => {});
  const chunk = encoder.encode("x".repeat(1_000_000));
  for (let i = 0; i < 50; i++) push(chunk);
  const lines: string[] = [];
  const counted = eventStreamLines((data) => lines.push(data));
  for (let i = 0; i < 5; i++) counted(chunk);
  counted(encoder.encode("\ndata: b\n"));
  strictEqual(lines.join(), `${OVERLONG},b`);
});
