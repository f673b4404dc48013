/**
 * Three nodes over TCP in one process of whatever runtime runs it: they elect, write, read, lose one and go on.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a program: what it says goes to who started it

import { createServer } from "node:net";
import { memory } from "../../../adapters/memory/mod.ts";
import { tcp } from "../../../adapters/tcp/mod.ts";
import { createNode, keyValue, keyValueMachine } from "../../../src/raft/mod.ts";

/** Runs it over this protocol, and gives what was read. */
async function main(protocol: string): Promise<readonly unknown[]> {
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const cluster = ports.map((port) => `${protocol}://127.0.0.1:${port}`);
  const nodes = cluster.map((url) => {
    const machine = keyValueMachine();
    const transport = tcp({ secret: "only nodes know" });
    const options = { heartbeat: 50, electionTimeout: 500, timeout: "10s" } as const;
    const node = createNode(memory(), { url, transport, machine, cluster, ...options });
    return { node, map: keyValue(node, machine) };
  });
  const leads = () => {
    const leading = nodes.map((each) => ({ ...each, status: each.node.status() }))
      .find(({ status }) => status.role === "leader" && status.ended === undefined);
    if (leading === undefined) throw new Error("nobody leads");
    return leading;
  };
  await Promise.all(nodes.map(({ node }) => node.ready()));
  const first = leads();
  await first.map.put("a", 1);
  await first.node.close();
  const rest = nodes.filter(({ node }) => node !== first.node);
  const read = await rest[0]?.map.get("a");
  await leads().map.put("b", 2);
  const last = await rest[1]?.map.get("b");
  await Promise.all(rest.map(({ node }) => node.close({ timeout: 100 })));
  return [read, last];
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? address?.port ?? 0 : 0));
    });
  });
}

for (const protocol of ["tcp", "tcp+msgpack"]) console.log(JSON.stringify(await main(protocol)));
