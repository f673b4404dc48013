/**
 * Three nodes of a cluster within one process, made at module scope.
 *
 * @module
 */

import { memory } from "../../../adapters/memory/mod.ts";
import { createHandler, serveNode } from "../../../src/http/mod.ts";
import {
  connectNode,
  createNode,
  inProcess,
  type KeyValueCommand,
  type KeyValueEntry,
  keyValueMachine,
  type KeyValueQuery,
  type KeyValueReply,
} from "../../../src/raft/mod.ts";
import { equal } from "../../contracts/assert.ts";
import type { Case } from "../case.ts";

const urls = ["local://a", "local://b", "local://c"];
const members = urls.map((url) => ({ url, meta: { http: httpOf(url) } }));
const transport = inProcess();
const nodes = urls.map((url) =>
  createNode(memory({ isolation: "request" }), {
    url,
    transport,
    machine: keyValueMachine(),
    cluster: members,
  })
);
const handlers = nodes.map((node) =>
  createHandler([
    serveNode<KeyValueCommand, KeyValueReply, KeyValueQuery, readonly KeyValueEntry[]>(node),
  ])
);
const client = connectNode<KeyValueCommand, KeyValueReply, KeyValueQuery, readonly KeyValueEntry[]>(
  urls.map(httpOf),
  {
    fetch: (input, init) => {
      const request = new Request(input, init);
      const at = urls.indexOf(`local://${new URL(request.url).host}`);
      return handlers[at]?.(request) ?? Promise.reject(new TypeError("no such host"));
    },
  },
);

function httpOf(url: string): string {
  return `${url.replace("local", "http")}/node`;
}

/** Cases of `createNode`, `serveNode` and `connectNode`. */
export const raftCases: readonly Case[] = [
  {
    name: "ConsensusNode: three agree on what a client proposes to any of them",
    run: async () => {
      try {
        await Promise.all(nodes.map((node) => node.ready()));
        const changes = [{ kind: "put", key: "a", value: 1 }] as const;
        const { index } = await client.propose({ kind: "batch", changes });
        for (const node of nodes) {
          const { answer } = await node.read({ kind: "get", key: "a" }, { minIndex: index });
          equal(answer[0]?.value, 1);
        }
        equal((await client.read({ kind: "get", key: "a" })).answer[0]?.value, 1);
      } finally {
        for (const node of nodes) await node[Symbol.asyncDispose]();
      }
    },
  },
];
