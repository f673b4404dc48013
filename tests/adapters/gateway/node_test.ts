import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { bundleProgram, hasNode } from "../../support/node.ts";
import { findRedis, isRedisRequired } from "../../support/redis/binary.ts";
import { startRedis } from "../../support/redis/server.ts";
import { command, rest } from "./rest.ts";

Deno.test({
  name: "gateway program serves, streams and stops on Node as on Deno",
  ignore: !hasNode() || findRedis() === undefined && !isRedisRequired(),
  // The bundler keeps a process of its own.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using redis = await startRedis();
    const file = `${redis.folder}/gateway.mjs`;
    await bundleProgram("adapters/gateway/main.ts", file);
    const child = new Deno.Command("node", {
      args: [file, "--redis", redis.url, "--port", "0", "--token", "token-of-the-tests"],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value: printed = "" } = await output.read();
    match(printed, /^UPSTASH_REDIS_REST_URL=http:\/\/127\.0\.0\.1:\d+\n$/);
    const gateway = {
      url: printed.trim().slice(printed.indexOf("=") + 1),
      token: "token-of-the-tests",
    };

    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    await rest(gateway, "/set/bytes", { body: bytes });
    const encoded = await rest(gateway, "/get/bytes", {
      headers: { "upstash-encoding": "base64" },
    });
    deepStrictEqual(
      Uint8Array.from(atob(JSON.parse(encoded.text).result), (c) => c.charCodeAt(0)),
      bytes,
    );
    deepStrictEqual(await command(gateway, "INCR", "n"), { result: 1 });
    strictEqual(
      (await rest(gateway, "/get/k", { headers: { authorization: "Bearer x" } })).status,
      401,
    );
    strictEqual((await rest(gateway, "/get/k", { method: "DELETE" })).status, 405);

    const stream = await fetch(`${gateway.url}/subscribe/ch?_token=${gateway.token}`);
    const events = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    strictEqual((await events?.read())?.value, "data: subscribe,ch,1\n\n");
    await redis.command("PUBLISH", "ch", "m");
    strictEqual((await events?.read())?.value, "data: message,ch,m\n\n");

    child.kill("SIGTERM");
    strictEqual((await events?.read())?.done, true);
    strictEqual((await child.status).code, 0);
    await output.cancel();
  },
});
