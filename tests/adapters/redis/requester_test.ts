import { deepStrictEqual, doesNotMatch, ok, rejects, strictEqual } from "node:assert/strict";
import { readEventStream } from "../../../adapters/redis/event_stream.ts";
import { failureOf, RequestError } from "../../../adapters/redis/failures.ts";
import {
  REQUEST_BYTES_MAX,
  restRequester,
  type RestRequesterOptions,
} from "../../../adapters/redis/requester.ts";
import { manualClock } from "../../contracts/manual_clock.ts";

interface Sent {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

/** A requester whose `fetch` answers as the test says. */
function scripted(
  answer: (sent: Sent, number: number) => Response | Promise<Response>,
  options: Partial<RestRequesterOptions> = {},
) {
  const sent: Sent[] = [];
  const requester = restRequester({
    url: "https://redis.example/base",
    token: "s3cret",
    clock: manualClock(),
    fetch: (url, { headers, body }) => {
      const request = {
        url,
        headers: Object.fromEntries(new Headers(headers)),
        body: body === null ? null : JSON.parse(String(body)),
      };
      sent.push(request);
      return Promise.resolve(answer(request, sent.length));
    },
    ...options,
  });
  return { requester, sent };
}

const reply = (result: unknown, headers: Record<string, string> = {}) =>
  Response.json({ result }, { headers });

Deno.test("restRequester() sends a command as plain JSON with the token, and nothing else", async () => {
  const { requester, sent } = scripted(() => reply("OK"));
  deepStrictEqual(await requester.request({ body: ["SET", "k", "v"] }), { result: "OK" });
  await requester.request({ path: ["pipeline"], body: [["GET", "k"]] });
  deepStrictEqual(sent, [
    {
      url: "https://redis.example/base",
      headers: { authorization: "Bearer s3cret", "content-type": "application/json" },
      body: ["SET", "k", "v"],
    },
    {
      url: "https://redis.example/base/pipeline",
      headers: { authorization: "Bearer s3cret", "content-type": "application/json" },
      body: [["GET", "k"]],
    },
  ]);
});

Deno.test("restRequester() echoes the sync token of the request that was sent last, in whatever order answers come", async () => {
  const gates: ((response: Response) => void)[] = [];
  const { requester, sent } = scripted(() => new Promise((resolve) => gates.push(resolve)));
  const tokens = () => sent.map(({ headers }) => headers["upstash-sync-token"] ?? "");
  const first = requester.request({ body: ["SET", "a", "1"] });
  const second = requester.request({ body: ["SET", "b", "2"] });
  gates[1]?.(reply("OK", { "upstash-sync-token": "two" }));
  await second;
  gates[0]?.(reply("OK", { "upstash-sync-token": "one" }));
  await first;
  const third = requester.request({ body: ["GET", "b"] });
  gates[2]?.(reply("2"));
  await third;
  const fourth = requester.request({ body: ["GET", "b"] });
  gates[3]?.(reply("2", { "upstash-sync-token": "four" }));
  await fourth;
  void requester.request({ body: ["GET", "b"] });
  deepStrictEqual(tokens(), ["", "", "two", "two", "four"]);
});

Deno.test("restRequester() hands on an error in a body, with 200 and with 400", async () => {
  for (const status of [200, 400]) {
    const { requester } = scripted(() => Response.json({ error: "ERR syntax error" }, { status }));
    deepStrictEqual(await requester.request({ body: ["SET"] }), { error: "ERR syntax error" });
  }
});

Deno.test("restRequester() fails by the status where a body explains nothing", async () => {
  const html = "<html>secret-value</html>";
  const cases: readonly [Response, string, number][] = [
    [new Response(html, { status: 429, headers: { "retry-after": "7" } }), "ERR_RATE_LIMITED", 7e3],
    [new Response(html, { status: 503 }), "ERR_UNAVAILABLE", 0],
    [Response.json({ error: "WRONGPASS x" }, { status: 401 }), "ERR_UNAUTHORIZED", 0],
    [Response.json({ error: "ERR x" }, { status: 500 }), "ERR_UNAVAILABLE", 0],
    [new Response(html, { status: 400 }), "ERR_UNAVAILABLE", 0],
    [new Response(null, { status: 302, headers: { location: "/" } }), "ERR_UNAVAILABLE", 0],
    [new Response(null, { status: 204 }), "ERR_UNAVAILABLE", 0],
  ];
  for (const [response, code, retryAfterMs] of cases) {
    const { requester } = scripted(() => response);
    const error = await failed(requester.request({ body: ["GET", "k"] }));
    deepStrictEqual([error.code, error.retryAfterMs], [code, retryAfterMs]);
    doesNotMatch(error.message, /secret|html|WRONGPASS/);
  }
});

Deno.test("restRequester() reads a Retry-After that is a date against the server's own date", async () => {
  const headers = {
    "retry-after": "Fri, 01 Jan 2100 00:00:05 GMT",
    "date": "Fri, 01 Jan 2100 00:00:00 GMT",
  };
  const { requester } = scripted(() => new Response("", { status: 503, headers }));
  strictEqual((await failed(requester.request({ body: ["GET", "k"] }))).retryAfterMs, 5_000);
  for (const value of ["soon", "-5", "99999999999", ""]) {
    const { requester } = scripted(() =>
      new Response("", { status: 503, headers: { "retry-after": value } })
    );
    strictEqual((await failed(requester.request({ body: ["GET", "k"] }))).retryAfterMs, 0);
  }
});

Deno.test("restRequester() takes nothing for an answer that is none", async () => {
  for (const text of ["", "<html>", `{"result":"cut`, "\0\xff", "{'result':1}"]) {
    const { requester } = scripted(() => new Response(text));
    const error = await failed(requester.request({ body: ["GET", "k"] }));
    deepStrictEqual([error.code, error.mayHaveHappened], ["ERR_UNAVAILABLE", true], text);
  }
});

Deno.test("restRequester() stops reading an answer that is too long, whatever length it claims", async () => {
  const endless = () => {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1_000).fill(65)),
      cancel: () => {
        cancelled = true;
      },
    });
    return { body, cancelled: () => cancelled };
  };
  const headersList: Record<string, string>[] = [
    {},
    { "content-length": "99999999" },
    { "content-length": "10", "content-encoding": "gzip" },
  ];
  for (const headers of headersList) {
    const { body, cancelled } = endless();
    const { requester } = scripted(() => new Response(body, { headers }), {
      answerBytesMax: 100_000,
    });
    const error = await failed(requester.request({ body: ["GET", "k"] }));
    deepStrictEqual([error.code, cancelled()], ["ERR_TOO_LARGE", true]);
  }
});

Deno.test("restRequester() reads a long answer in pieces without breaking a character", async () => {
  const bytes = new TextEncoder().encode(JSON.stringify({ result: "🙂ü".repeat(100) }));
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  const { requester } = scripted(() => new Response(body));
  deepStrictEqual(await requester.request({ body: ["GET", "k"] }), { result: "🙂ü".repeat(100) });
});

Deno.test("restRequester() sends no request that is too large", async () => {
  const { requester, sent } = scripted(() => reply("OK"));
  const fits = "x".repeat(REQUEST_BYTES_MAX - 50);
  await requester.request({ body: ["SET", "k", fits] });
  for (const value of [`${fits}${"x".repeat(50)}`, "é".repeat(REQUEST_BYTES_MAX / 2)]) {
    const error = await failed(requester.request({ body: ["SET", "k", value] }));
    deepStrictEqual([error.code, error.mayHaveHappened], ["ERR_TOO_LARGE", false]);
  }
  strictEqual(sent.length, 1);
});

Deno.test("restRequester() tells the date of an answer between the moments of its round trip", async () => {
  const clock = manualClock();
  const dates: number[][] = [];
  const { requester } = scripted(
    async () => {
      await clock.advance(40);
      return reply("OK", { date: "Thu, 01 Jan 1970 00:01:00 GMT" });
    },
    { clock, onDate: (...date) => dates.push(date) },
  );
  await requester.request({ body: ["PING"] });
  deepStrictEqual(dates, [[60_000, 0, 40]]);
});

Deno.test("restRequester() streams lines of data, and signs of life", async () => {
  const encoder = new TextEncoder();
  const chunks = ["data: subscribe,a,1\n\n: ping\n", "data: mess", "age,a,hi\n\n"];
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
      controller.close();
    },
  });
  const { requester, sent } = scripted(() =>
    new Response(body, { headers: { "content-type": "text/event-stream;charset=utf-8" } })
  );
  const lines: string[] = [];
  await requester.request({
    path: ["psubscribe", "ns:*"],
    isStreaming: true,
    readStream: (response) => readEventStream(response, (line) => lines.push(line)),
  });
  deepStrictEqual(lines, ["subscribe,a,1", "", "", "message,a,hi", ""]);
  strictEqual(sent[0]?.url, "https://redis.example/base/psubscribe/ns:*");
  strictEqual(sent[0]?.headers["accept"], "text/event-stream");
});

Deno.test("restRequester() takes no web page for a stream", async () => {
  const { requester } = scripted(() =>
    new Response("<html>", { headers: { "content-type": "text/html" } })
  );
  const readStream = (response: Response) => readEventStream(response, () => {});
  const request = { path: ["subscribe", "a"], isStreaming: true, readStream };
  strictEqual((await failed(requester.request(request))).code, "ERR_UNAVAILABLE");
});

Deno.test("restRequester() meets a real server that cuts, resets and hangs", async () => {
  await using server = rawServer();
  const requester = restRequester({
    url: server.url,
    token: "s3cret",
    clock: manualClock(),
    fetch,
  });
  for (const fault of ["cut", "reset", "nonsense"]) {
    const error = failureOf(
      await requester.request({ body: [fault] }).then(() => undefined, (error) => error),
    );
    deepStrictEqual([error.code, error.mayHaveHappened], ["ERR_UNAVAILABLE", true], fault);
  }
  const stop = new AbortController();
  const hanging = requester.request({ body: ["hang"], signal: stop.signal });
  await server.seen("hang");
  stop.abort(new RangeError("enough"));
  await rejects(hanging, RangeError);
});

async function failed(request: Promise<unknown>): Promise<RequestError> {
  const error = await request.then(() => undefined, (error) => error);
  ok(error instanceof RequestError, `fails with a RequestError, not ${error}`);
  return error;
}

/** A server that speaks HTTP by hand, so that it can speak it badly. */
function rawServer(): AsyncDisposable & { url: string; seen(fault: string): Promise<void> } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections: Deno.Conn[] = [];
  const waiting = new Map<string, () => void>();
  const encoder = new TextEncoder();
  const serve = async (connection: Deno.Conn): Promise<void> => {
    const buffer = new Uint8Array(4_096);
    let request = "";
    while (!request.includes("]")) {
      const count = await connection.read(buffer);
      if (count === null) return;
      request += new TextDecoder().decode(buffer.subarray(0, count));
    }
    const fault = /\["(\w+)"\]/.exec(request)?.[1] ?? "";
    waiting.get(fault)?.();
    if (fault === "cut") {
      await connection.write(
        encoder.encode('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"result":'),
      );
    }
    if (fault === "nonsense") await connection.write(encoder.encode("garbage\r\n\r\n"));
    if (fault !== "hang") connection.close();
  };
  const accepting = (async () => {
    for await (const connection of listener) {
      connections.push(connection);
      serve(connection).catch(() => {});
    }
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    seen: (fault) => new Promise((resolve) => waiting.set(fault, resolve)),
    [Symbol.asyncDispose]: async () => {
      listener.close();
      for (const connection of connections) {
        try {
          connection.close();
        } catch {
          // Closed already.
        }
      }
      await accepting;
    },
  };
}
