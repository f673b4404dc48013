import { deepStrictEqual, doesNotMatch, ok, strictEqual } from "node:assert/strict";
import {
  failureOf,
  refusal,
  RequestError,
  statusFailure,
} from "../../../adapters/redis/failures.ts";

Deno.test("refusal() tells errors apart by the server's own first word", () => {
  const cases: readonly [text: string, code: string, isTransient: boolean][] = [
    ["WRONGTYPE Operation against a key holding the wrong kind of value", "ERR_WRONG_TYPE", false],
    [
      "WRONGTYPE Operation against a key holding the wrong kind of value script: f3, on @user_script:2.",
      "ERR_WRONG_TYPE",
      false,
    ],
    ["WRONGPASS invalid or missing auth token", "ERR_UNAUTHORIZED", false],
    [
      "NOPERM this user has no permissions to run the 'evalsha' command",
      "ERR_UNAUTHORIZED",
      false,
    ],
    ["NOAUTH Authentication required.", "ERR_UNAUTHORIZED", false],
    ["LOADING Redis is loading the dataset in memory", "ERR_UNAVAILABLE", true],
    ["BUSY Redis is busy running a script.", "ERR_UNAVAILABLE", true],
    ["CLUSTERDOWN The cluster is down", "ERR_UNAVAILABLE", true],
    ["READONLY You can't write against a read only replica.", "ERR_UNAVAILABLE", true],
    ["OOM command not allowed when used memory > 'maxmemory'.", "ERR_UNAVAILABLE", false],
    ["BUSYGROUP Consumer Group name already exists", "ERR_SCRIPT_FAILED", false],
    ["ERR max requests limit exceeded. Limit: 500000, Usage: 500000.", "ERR_RATE_LIMITED", false],
    ["ERR max daily request limit exceeded", "ERR_RATE_LIMITED", false],
    ["ERR max request size exceeded. Limit: 10485760 bytes", "ERR_TOO_LARGE", false],
    ["ERR string exceeds maximum allowed size (proto-max-bulk-len)", "ERR_TOO_LARGE", false],
    ["NOSCRIPT No matching script. Please use EVAL.", "ERR_SCRIPT_FAILED", false],
    [
      "ERR user_script:3: attempt to index a nil value script: 0f, on @user_script:3.",
      "ERR_SCRIPT_FAILED",
      false,
    ],
    ["ERR unknown command 'x', with args beginning with: 'secret'", "ERR_SCRIPT_FAILED", false],
    ["", "ERR_SCRIPT_FAILED", false],
  ];
  for (const [text, code, isTransient] of cases) {
    const error = refusal(text);
    deepStrictEqual(
      [error.code, error.isTransient, error.mayHaveHappened],
      [code, isTransient, false],
      text,
    );
    doesNotMatch(error.message, /secret|evalsha|f3|500000/);
  }
});

Deno.test("refusal() does not read an endless text to its end", () => {
  const begun = performance.now();
  strictEqual(refusal(`ERR ${"size max ".repeat(1_000_000)}`).code, "ERR_SCRIPT_FAILED");
  ok(performance.now() - begun < 10_000);
});

Deno.test("refusal() says what the client can do about a script", () => {
  const remedies = [
    "NOSCRIPT No matching script. Please use EVAL.",
    "ERR Unexpected flag in script shebang: allow-key-locking",
    "ERR Error compiling script (new function): user_script:1: unexpected symbol near '#'",
    "ERR Error compiling script (new function): user_script:1: unexpected symbol near 'x'",
    "ERR Script attempted to access a key that is not in KEYS while the flag allow-key-locking is set",
  ].map((text) => refusal(text).remedy);
  deepStrictEqual(remedies, ["send-script", "drop-flag", "drop-flag", undefined, undefined]);
});

Deno.test("refusal() names the line of a script that failed", () => {
  const { message } = refusal("ERR user_script:12: attempt to compare nil with number");
  strictEqual(
    message,
    "Cannot ask Redis as it refused the command in line 12 of the script",
  );
});

Deno.test("statusFailure() knows what may have happened and what may be tried again", () => {
  const table = [301, 400, 401, 403, 404, 405, 408, 413, 425, 429, 500, 502, 503, 504].map(
    (status) => {
      const { code, isTransient, mayHaveHappened } = statusFailure(status);
      return [status, code, isTransient, mayHaveHappened];
    },
  );
  deepStrictEqual(table, [
    [301, "ERR_UNAVAILABLE", false, false],
    [400, "ERR_UNAVAILABLE", false, false],
    [401, "ERR_UNAUTHORIZED", false, false],
    [403, "ERR_UNAUTHORIZED", false, false],
    [404, "ERR_UNAVAILABLE", false, false],
    [405, "ERR_UNAVAILABLE", false, false],
    [408, "ERR_UNAVAILABLE", true, true],
    [413, "ERR_TOO_LARGE", false, false],
    [425, "ERR_UNAVAILABLE", true, true],
    [429, "ERR_RATE_LIMITED", true, false],
    [500, "ERR_UNAVAILABLE", true, true],
    [502, "ERR_UNAVAILABLE", true, true],
    [503, "ERR_UNAVAILABLE", true, true],
    [504, "ERR_UNAVAILABLE", true, true],
  ]);
});

Deno.test("failureOf() knows a connection that was never made from one that broke, on every host", () => {
  const node = (code: string) =>
    new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code }) });
  const neverSent = [
    new TypeError(
      "error sending request for url (http://secret/): client error (Connect): tcp connect error",
    ),
    new TypeError("fetch failed", {
      cause: new Error("error sending request for url (http://secret/): client error (Connect): x"),
    }),
    node("ECONNREFUSED"),
    node("ENOTFOUND"),
    Object.assign(new Error("Unable to connect"), { code: "ConnectionRefused" }),
  ];
  for (const error of neverSent) strictEqual(failureOf(error).mayHaveHappened, false);
  const broken = [
    new TypeError("error sending request for url (http://secret/): client error (SendRequest)"),
    node("ECONNRESET"),
    node("UND_ERR_SOCKET"),
    new Error("internal error; reference = secret"),
    "a string",
    undefined,
  ];
  for (const error of broken) strictEqual(failureOf(error).mayHaveHappened, true);
  for (const error of [...neverSent, ...broken]) {
    const failure = failureOf(error);
    deepStrictEqual([failure.code, failure.isTransient], ["ERR_UNAVAILABLE", true]);
    strictEqual(failure.cause, undefined);
    doesNotMatch(failure.message, /secret/);
  }
});

Deno.test("failureOf() reads the error of Upstash's own client, and quotes no command", () => {
  const error = new Error(`WRONGTYPE Operation against a key, command was: ["get","secret"]`);
  error.name = "UpstashError";
  const failure = failureOf(error);
  strictEqual(failure.code, "ERR_WRONG_TYPE");
  doesNotMatch(failure.message, /secret/);
});

Deno.test("failureOf() does not try again what lacks a permission", () => {
  const error = new Error(`Requires net access to "secret:80"`);
  error.name = "NotCapable";
  const failure = failureOf(error);
  deepStrictEqual([failure.code, failure.isTransient], ["ERR_UNAVAILABLE", false]);
  doesNotMatch(failure.message, /secret/);
});

Deno.test("failureOf() leaves a failure that is known as it is", () => {
  const error = new RequestError("ERR_TIMEOUT", "x");
  strictEqual(failureOf(error), error);
});
