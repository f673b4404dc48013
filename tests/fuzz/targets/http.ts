/**
 * Requests to the handler, and the headers that it reads.
 *
 * @module
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { memory } from "../../../adapters/memory/mod.ts";
import { eventStreamLines } from "../../../adapters/redis/event_stream.ts";
import { isUnchanged, lifetimeMs } from "../../../src/http/caching.ts";
import { eventText } from "../../../src/http/event_stream.ts";
import { mergePatched } from "../../../src/http/merge_patch.ts";
import { createHandler, serveModels } from "../../../src/http/mod.ts";
import { idempotencyKey, preconditionsOf } from "../../../src/http/preconditions.ts";
import { createModel } from "../../../src/models/mod.ts";
import { person, User } from "../../support/models/users.ts";
import { anyBytes, anyText, assertUnpolluted, type FuzzTarget, nearly, target } from "../target.ts";

const users = createModel(memory(), User);
await users.create(person("ada", { age: 1 }));
let failure: unknown;
const handler = createHandler([serveModels({ users })], {
  basePath: "/api",
  cors: { origins: ["https://app.example"] },
  limits: { bodyBytesMax: 1_000 },
  onError: (error) => failure = error,
});

const PATHS = nearly(
  "/api/users",
  "/api/users/1",
  "/api/users?age:gte=1&limit=2&cursor=x",
  "/api/users:by/email/a@x.org",
  "/api/users:by/team+name/1/a",
  "/api/users:batch",
  "/api/users:count?age=1",
  "/api/users/1/sets/tags/a",
  "/api/users:with/tags/a",
  "/api/metrics",
);
const BODIES = fc.oneof(
  fc.json({ maxDepth: 5 }),
  anyText(),
  nearly(
    '{"email":"b@x.org","name":"b","age":1}',
    '[{"op":"create","value":{"email":"c@x.org","name":"c"}},{"op":"delete","id":1,"version":"1-a"}]',
    '{"age":{"__proto__":null}}',
  ),
);
const HEADERS = fc.record({
  "content-type": nearly("application/json", "application/merge-patch+json; charset=utf-8"),
  "content-length": nearly("12"),
  "if-match": nearly('"1-abc"', "*", 'W/"1-a", "b"'),
  "if-none-match": nearly('"1-abc"', "*"),
  "idempotency-key": nearly('"key"', "key"),
  "last-event-id": nearly("epoch.1.tag"),
  origin: nearly("https://app.example", "http://localhost", "null"),
}, { requiredKeys: [] });

/** A request, if a client can send such a one at all. */
function requestOf(
  [method, path, headers, body]: [string, string, Readonly<Record<string, string>>, string],
): Request | undefined {
  try {
    const hasBody = method !== "GET" && method !== "HEAD";
    const { ...given } = headers;
    return new Request(new URL(path, "http://localhost"), {
      method,
      headers: { "content-type": "application/json", ...given },
      ...(hasBody && { body }),
    });
  } catch {
    // No URL, or no header that HTTP carries.
    return undefined;
  }
}

/** The targets of the handler. */
export const targets: readonly FuzzTarget[] = [
  target(
    "createHandler() answers any request, and never by its own failure",
    fc.tuple(
      fc.constantFrom("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"),
      PATHS,
      HEADERS,
      BODIES,
    ),
    async (input) => {
      const request = requestOf(input);
      if (request === undefined) return;
      failure = undefined;
      const response = await handler(request);
      const isStream = response.headers.get("content-type") === "text/event-stream";
      if (isStream) return await response.body?.cancel();
      const text = await response.text();
      ok(response.status < 500, `${response.status} ${text} ${failure}`);
      if (response.status >= 400 && request.method !== "HEAD") {
        deepStrictEqual(JSON.parse(text).status, response.status);
      }
      assertUnpolluted();
      // What was made by chance is not to grow without end.
      if (await users.count() > 100) {
        const { records } = await users.find({});
        await users.batch((batch) => records.forEach(({ id }) => batch.delete(id)));
      }
    },
  ),
  target(
    "lifetimeMs() is a length of time, and isUnchanged() an answer",
    fc.record({
      "cache-control": nearly("max-age=60, s-maxage=5, no-cache", "private"),
      expires: nearly("Thu, 01 Jan 1970 00:00:00 GMT", "0"),
      age: nearly("12"),
      etag: nearly('W/"a"', '"b"'),
    }),
    (values) => {
      const headers = headersOf(values);
      if (headers === undefined) return;
      const lifetime = lifetimeMs(headers, 1_700_000_000_000);
      ok(lifetime === undefined || (lifetime >= 0 && Number.isFinite(lifetime)), `${lifetime}`);
      const known = new Request("http://localhost", { headers: { "if-none-match": values.etag } });
      isUnchanged(known, headers.get("etag"));
    },
  ),
  target(
    "preconditionsOf() and idempotencyKey() read any header",
    fc.oneof(anyText(), nearly('"a", W/"b"', "*", '"key"')),
    (header) => {
      for (const version of preconditionsOf(header) ?? []) ok(!version.includes('"'));
      const key = idempotencyKey(header);
      ok(key === undefined || /^[ -~]{1,255}$/.test(key), key);
    },
  ),
  target("eventText() is read as it was written", anyText(), (data) => {
    const lines: string[] = [];
    const sent = new TextEncoder().encode(data);
    const wellFormed = new TextDecoder("utf-8", { ignoreBOM: true }).decode(sent);
    eventStreamLines((line) => lines.push(line))(new TextEncoder().encode(eventText({ data })));
    deepStrictEqual(lines.slice(0, -1), wellFormed.split(/\r\n|[\r\n]/));
  }),
  target(
    "mergePatched() done twice is as good as once",
    fc.tuple(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.dictionary(fc.string(), fc.jsonValue()),
    ),
    ([record, patch]) => {
      // JSON text, as it comes: with own properties of any name.
      const change = JSON.parse(JSON.stringify(patch));
      const once = { ...record, ...mergePatched(record, change) };
      deepStrictEqual({ ...once, ...mergePatched(once, change) }, once);
      assertUnpolluted();
    },
  ),
  target("the body of a request is bounded while it is read", anyBytes(), async (bytes) => {
    const request = new Request("http://localhost/api/users", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: ReadableStream.from([bytes, bytes, bytes]),
    });
    const { status } = await handler(request);
    ok(status === (bytes.length * 3 > 1_000 ? 413 : 400) || bytes.length < 10, `${status}`);
  }),
];

function headersOf(values: Readonly<Record<string, string>>): Headers | undefined {
  try {
    return new Headers(values);
  } catch {
    // No header that HTTP carries.
    return undefined;
  }
}
