import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { HoldfastError } from "../../src/errors.ts";
import { seededRandom } from "../../src/random.ts";
import {
  ask,
  checkedUrl,
  HOPS_MAX,
  type Remote,
  type RemoteCall,
  RemoteError,
} from "../../src/remote.ts";
import { EVENT_LENGTH_MAX, eventReader } from "../../src/remote_events.ts";
import { manualClock } from "../contracts/manual_clock.ts";

/** A server that answers by a list, each answer once; and a clock that jumps over every wait. */
function server(answers: readonly (() => Response | Promise<Response>)[], attemptsMax = 4) {
  const clock = manualClock();
  const waits: number[] = [];
  const urls: string[] = [];
  const left = [...answers];
  const remote: Remote = {
    urls: ["http://a", "http://b"],
    fetch: async (url) => {
      urls.push(url);
      return await (left.shift() ?? (() => Response.json({})))();
    },
    attemptsMax,
    attemptMs: 1_000,
    clock: {
      ...clock,
      after: (ms, callback) => {
        if (ms === 1_000) return clock.after(ms, callback);
        waits.push(ms);
        queueMicrotask(callback);
        return () => {};
      },
    },
    random: seededRandom(3),
  };
  const call: RemoteCall = { method: "POST", path: "/x", body: "{}", mayRepeat: true };
  return { remote, call, waits, urls, clock };
}

const answer = (status: number, body: object = {}, headers = {}) => () =>
  Response.json(body, { status, headers });
const broken = () => Promise.reject(new TypeError("secret address refused"));

Deno.test("ask() tries again where it may, not sooner than it is told, and at any server", async () => {
  const { remote, call, waits, urls } = server([
    answer(503, {}, { "retry-after": "2" }),
    broken,
    answer(429),
  ]);
  strictEqual((await ask(remote, call)).status, 200);
  strictEqual(urls.length, 4);
  ok((waits[0] ?? 0) >= 2_000 && (waits[1] ?? 0) <= 1_000, String(waits));
  ok(urls.every((url) => url === "http://a/x" || url === "http://b/x"));
});

Deno.test("ask() makes what has a second effect once, and says what is not known", async () => {
  for (const unknown of [broken, answer(502), answer(503, { code: "ERR_OUTCOME_UNKNOWN" })]) {
    const { remote, call, urls } = server([unknown]);
    await rejects(ask(remote, { ...call, mayRepeat: false }), { code: "ERR_OUTCOME_UNKNOWN" });
    strictEqual(urls.length, 1);
  }
  // Certainly not done: made again.
  const { remote, call, urls } = server([
    answer(503, { code: "ERR_UNAVAILABLE" }),
    answer(429, { code: "ERR_RATE_LIMITED" }),
  ]);
  await ask(remote, { ...call, mayRepeat: false });
  strictEqual(urls.length, 3);
});

Deno.test("ask() throws a refusal by its code at once, with its details and no address", async () => {
  const { remote, call, urls } = server([answer(409, { code: "ERR_CONFLICT", head: "e.1.t" })]);
  const error = await ask(remote, call).catch((error) => error);
  ok(error instanceof RemoteError && HoldfastError.is(error, "ERR_CONFLICT"));
  deepStrictEqual([error.status, error.problem.head, urls.length], [409, "e.1.t", 1]);
  const page = server([() => new Response("<html>", { status: 404 })]);
  await rejects(ask(page.remote, page.call), { code: "ERR_NOT_FOUND" });
  const full = server([answer(429, { code: "ERR_LIMIT" })]);
  await rejects(ask(full.remote, full.call), { code: "ERR_LIMIT" });
  const gone = server([broken, broken, broken, broken]);
  const read = { ...gone.call, method: "GET" } as const;
  const failure: Error = await ask(gone.remote, read).catch((error) => error);
  ok(HoldfastError.is(failure, "ERR_UNAVAILABLE") && !failure.message.includes("secret"));
});

Deno.test(`ask() goes where it is sent, ${HOPS_MAX} times without a wait, and never to another protocol`, async () => {
  const sent = (leader: string) => answer(421, { code: "ERR_NOT_LEADER", leader });
  const { remote, call, urls, waits } = server([sent("http://c"), sent("https://d/n")]);
  await ask(remote, call);
  deepStrictEqual(urls, ["http://a/x", "http://c/x", "https://d/n/x"]);
  deepStrictEqual(waits, []);
  const bad = server([sent("file:///etc"), sent("javascript:1")], 2);
  await rejects(ask(bad.remote, bad.call), { code: "ERR_NOT_LEADER" });
  ok(bad.urls.every((url) => url.startsWith("http://a") || url.startsWith("http://b")));
});

Deno.test("ask() gives an attempt up in time, and stops with the caller's signal", async () => {
  const hanging = () => new Promise<Response>(() => {});
  const { remote, call, clock } = server([hanging], 1);
  const failing = rejects(ask(remote, { ...call, method: "GET" }), { code: "ERR_TIMEOUT" });
  await clock.advance(1_000);
  await failing;
  const stop = new AbortController();
  const other = server([hanging]);
  const stopping = rejects(ask(other.remote, { ...other.call, signal: stop.signal }), /enough/);
  stop.abort(new Error("enough"));
  await stopping;
});

Deno.test("checkedUrl() takes http and https alone, and shows none", () => {
  strictEqual(checkedUrl("x", "https://a.example/log//"), "https://a.example/log");
  for (
    const url of ["", "secret", "ftp://secret", "http://a/?token=secret", "http://a/#x", undefined]
  ) {
    throws(
      () => checkedUrl("connect", url),
      (error: Error) =>
        HoldfastError.is(error, "ERR_INVALID_OPTION") && !error.message.includes("secret"),
    );
  }
});

Deno.test("eventReader() gives the same events however their bytes are cut", () => {
  const text =
    'retry: 2000\n\nid: e.1.t\ndata: {"é":1}\n\n:\n\nevent: sealed\r\ndata: a\r\ndata: b\r\n\r\n';
  const bytes = new TextEncoder().encode(text);
  const expected = [
    { event: "message", id: "", data: undefined },
    { event: "message", id: "e.1.t", data: `{"é":1}` },
    { event: "message", id: "e.1.t", data: undefined },
    { event: "sealed", id: "e.1.t", data: "a\nb" },
  ];
  for (const size of [1, 2, 3, 7, 1_000]) {
    const read = eventReader();
    const events = [];
    for (let at = 0; at < bytes.length; at += size) {
      events.push(...read(bytes.slice(at, at + size)));
    }
    deepStrictEqual(events, expected, `pieces of ${size}`);
  }
});

Deno.test("eventReader() refuses an event that is too large", () => {
  const read = eventReader();
  const piece = new TextEncoder().encode("x".repeat(EVENT_LENGTH_MAX));
  read(piece);
  throws(() => read(piece), { code: "ERR_TOO_LARGE" });
});
