import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  isShareable,
  isStorable,
  isUnchanged,
  lastingHeaders,
  lifetimeMs,
} from "../../../src/http/caching.ts";

const request = (init?: RequestInit) => new Request("http://localhost/", init);
const response = (headers: HeadersInit, status = 200) => new Response(null, { status, headers });

Deno.test("isShareable() takes a plain GET alone", () => {
  strictEqual(isShareable(request()), true);
  strictEqual(
    isShareable(request({ headers: { accept: "text/html", "if-none-match": '"a"' } })),
    true,
  );
  for (const method of ["HEAD", "POST", "PUT", "DELETE", "OPTIONS"]) {
    strictEqual(isShareable(request({ method })), false, method);
  }
  for (const name of ["authorization", "cookie", "range"]) {
    strictEqual(isShareable(request({ headers: { [name]: "x" } })), false, name);
  }
});

Deno.test("isStorable() keeps what lasts and may be shared", () => {
  const table: [HeadersInit, number, boolean][] = [
    [{}, 200, true],
    [{}, 404, true],
    [{}, 301, true],
    [{ "cache-control": "public, max-age=5" }, 200, true],
    [{}, 206, false],
    [{}, 302, false],
    [{}, 304, false],
    [{}, 500, false],
    [{ "set-cookie": "session=1" }, 200, false],
    [{ "cache-control": "private" }, 200, false],
    [{ "cache-control": "max-age=5, NO-STORE" }, 200, false],
    [{ "cache-control": 'no-cache="set-cookie"' }, 200, false],
    [{ vary: "accept-language" }, 200, false],
    [{ vary: "*" }, 200, false],
    [{ "content-encoding": "gzip" }, 200, false],
  ];
  for (const [headers, status, expected] of table) {
    strictEqual(
      isStorable(response(headers, status), false),
      expected,
      JSON.stringify([headers, status]),
    );
  }
});

Deno.test("isStorable() trusts a key that tells apart what varies, but not with a cookie", () => {
  strictEqual(isStorable(response({ vary: "accept-language" }), true), true);
  strictEqual(isStorable(response({ "set-cookie": "session=1" }), true), false);
  strictEqual(isStorable(response({ "cache-control": "private" }), true), false);
});

Deno.test("lifetimeMs() prefers s-maxage and ignores what is no number of seconds", () => {
  const of = (value: string) => lifetimeMs(new Headers({ "cache-control": value }));
  strictEqual(of("max-age=5"), 5_000);
  strictEqual(of("max-age=5, s-maxage=60"), 60_000);
  strictEqual(of('S-MaxAge="7"'), 7_000);
  strictEqual(of("max-age=0"), 0);
  for (
    const bad of [
      "",
      "public",
      "max-age",
      "max-age=-1",
      "max-age=1.5",
      "max-age=1e3",
      "max-age=99999999999",
    ]
  ) {
    strictEqual(of(bad), undefined, bad);
  }
});

Deno.test("lastingHeaders() leaves out what belongs to one connection or one answer", () => {
  const headers = new Headers({
    "content-type": "text/html",
    etag: '"a"',
    date: "x",
    age: "5",
    connection: "keep-alive, X-Hop",
    "x-hop": "1",
    "transfer-encoding": "chunked",
  });
  deepStrictEqual(lastingHeaders(headers), [["content-type", "text/html"], ["etag", '"a"']]);
});

Deno.test("isUnchanged() compares entity tags weakly, and a star matches any", () => {
  const known = (value?: string) =>
    request(value === undefined ? {} : { headers: { "if-none-match": value } });
  strictEqual(isUnchanged(known('"a"'), '"a"'), true);
  strictEqual(isUnchanged(known('W/"a"'), '"a"'), true);
  strictEqual(isUnchanged(known('"b", "a"'), 'W/"a"'), true);
  strictEqual(isUnchanged(known("*"), '"a"'), true);
  strictEqual(isUnchanged(known('"b"'), '"a"'), false);
  strictEqual(isUnchanged(known('"a"'), null), false);
  strictEqual(isUnchanged(known(), '"a"'), false);
});
