import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Validator } from "@seriousme/openapi-schema-validator";
import { memory } from "../../../adapters/memory/mod.ts";
import { createHandler, serveLog, serveNode } from "../../../src/http/mod.ts";
import { createLog } from "../../../src/log/mod.ts";
import { createNode, inProcess, keyValueMachine } from "../../../src/raft/mod.ts";

Deno.test("serveLog() and serveNode() are described as OpenAPI 3.1, every route of them", async () => {
  const node = createNode(memory(), {
    url: "local://a",
    transport: inProcess(),
    machine: keyValueMachine(),
  });
  const log = createLog(memory(), { name: "orders" });
  const handler = createHandler([serveLog(log), serveNode(node)]);
  const response = await handler(new Request("http://localhost/openapi.json"));
  const description = await response.json();
  const { valid, errors } = await new Validator().validate(description);
  strictEqual(valid, true, JSON.stringify(errors));
  deepStrictEqual(
    Object.keys(description.paths).filter((path) => /orders|node/.test(path)).sort(),
    [
      "/node:events",
      "/node:join",
      "/node:leave",
      "/node:propose",
      "/node:read",
      "/node:session",
      "/node:status",
      "/node:transfer",
      "/orders",
      "/orders:fence",
      "/orders:seal",
      "/orders:state",
      "/orders:tail",
    ],
  );
});

Deno.test("serveLog() asks authorize before anything, by the log's name", async () => {
  const asked: string[] = [];
  const handler = createHandler([serveLog(createLog(memory(), { name: "orders" }))], {
    authorize: ({ part, resource, action }) => {
      asked.push(`${part} ${resource} ${action}`);
      return false;
    },
  });
  const send = async (method: string, path: string) =>
    (await handler(new Request(`http://localhost${path}`, { method }))).status;
  deepStrictEqual([await send("GET", "/orders"), await send("POST", "/orders")], [401, 401]);
  deepStrictEqual([await send("GET", "/orders:tail"), await send("POST", "/orders:seal")], [
    401,
    401,
  ]);
  deepStrictEqual(asked, [
    "log orders read",
    "log orders write",
    "log orders read",
    "log orders write",
  ]);
});
