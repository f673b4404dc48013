import { match, rejects, strictEqual } from "node:assert/strict";
import { output, printedVersion, serve } from "./process.ts";

const deno = Deno.execPath();

/** What runs a text as a program, without a permission. */
function program(text: string): readonly string[] {
  return ["eval", "--no-lock", "--no-config", text];
}

Deno.test("output() returns what a program printed", async () => {
  strictEqual(await output(deno, program("console.log('hello')")), "hello\n");
});

Deno.test("output() rejects with what a failed program said", async () => {
  const failing = program("console.error('no way'); Deno.exit(3)");
  await rejects(output(deno, failing), /failed\nno way/);
});

Deno.test("output() ends a program that takes longer than its limit", async () => {
  const endless = program("setInterval(() => {}, 1000)");
  await rejects(output(deno, endless, { limitMs: 50 }), /was ended by SIGTERM/);
});

Deno.test("printedVersion() is undefined where there is no such program", async () => {
  strictEqual(await printedVersion("no-such-program-anywhere"), undefined);
  match(await printedVersion(deno) ?? "", /^deno \d+\.\d+\.\d+/);
});

Deno.test("serve() returns once the program answers and ends it when disposed of", async () => {
  const echo = (port: number) =>
    program(`Deno.serve({ hostname: "127.0.0.1", port: ${port} }, () => new Response("up"))`);
  let url: string;
  {
    await using server = await serve(deno, echo);
    url = server.url;
    strictEqual(await (await fetch(url)).text(), "up");
  }
  await rejects(fetch(url), TypeError);
});

Deno.test("serve() rejects with what a program printed that ends instead", async () => {
  const ending = () => program("console.error('port taken'); Deno.exit(1)");
  await rejects(serve(deno, ending), /does not answer on its port\n[\s\S]*port taken/);
});
