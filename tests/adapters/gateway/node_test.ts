import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { build } from "esbuild";
import { findRedis, isRedisRequired } from "../../support/redis/binary.ts";
import { startRedis } from "../../support/redis/server.ts";
import { command, rest } from "./rest.ts";

/** Whether there is a Node at all; where there is none, Deno may stand in for it under the same name. */
function hasNode(): boolean {
  try {
    const { stdout } = new Deno.Command("node", { args: ["--version"], stderr: "null" })
      .outputSync();
    return new TextDecoder().decode(stdout).startsWith("v");
  } catch {
    // None.
    return false;
  }
}

/** One file that Node can run: everything but Node's own modules is inside. */
async function bundleProgram(outfile: string): Promise<void> {
  const main = new URL("../../../adapters/gateway/main.ts", import.meta.url).pathname;
  const packages = new URL("../../../node_modules", import.meta.url).pathname;
  const banner =
    'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
  await build({
    entryPoints: [main],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    banner: { js: banner },
    plugins: [{
      name: "npm specifiers",
      setup: (plugin) => {
        plugin.onResolve({ filter: /^npm:/ }, ({ path, kind }) => {
          const name = path.replace(/^npm:(.+?)@\^[\d.]+$/, "$1");
          return plugin.resolve(name, { kind, resolveDir: packages });
        });
      },
    }],
  });
}

Deno.test({
  name: "gateway program serves, streams and stops on Node as on Deno",
  ignore: !hasNode() || findRedis() === undefined && !isRedisRequired(),
  // The bundler keeps a process of its own.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using redis = await startRedis();
    const file = `${redis.folder}/gateway.mjs`;
    await bundleProgram(file);
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
