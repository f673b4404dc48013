/**
 * A hub and its clients within one process, made at module scope: over event streams and POSTs, and over a socket that
 * needs no host.
 *
 * @module
 */

import { memory } from "../../../adapters/memory/mod.ts";
import { createHandler, serveSync } from "../../../src/http/mod.ts";
import { createModel, defineModel } from "../../../src/models/mod.ts";
import { createSync, type SyncConnection } from "../../../src/sync/mod.ts";
import {
  type ConnectOptions,
  connectSync,
  type SocketLike,
  type SyncClient,
} from "../../../src/sync/client/mod.ts";
import { equal } from "../../contracts/assert.ts";
import type { Case } from "../case.ts";
import { type Todo, todoSchema } from "./fields.ts";
import { until } from "./until.ts";

const backend = memory({ isolation: "request" });
const todos = createModel(backend, defineModel({ key: "todo", schema: todoSchema }));
const hub = createSync(backend, { models: [todos] });
const handler = createHandler([serveSync(hub)]);

/** A client's end of a connection that the hub serves as a transport of the user's own. */
class PairSocket implements SocketLike {
  onopen: (() => void) | null = null;
  onmessage: ((event: { readonly data: string }) => void) | null = null;
  onclose: ((event: { readonly code: number }) => void) | null = null;
  onerror: unknown;
  readonly #served: Promise<SyncConnection>;

  constructor() {
    this.#served = hub.connect({
      send: (data) => this.onmessage?.({ data }),
      heldBytes: () => 0,
      close: (code) => this.onclose?.({ code }),
    }, { subject: undefined });
    void this.#served.then(() => this.onopen?.());
  }

  send(text: string): void {
    void this.#served.then((served) => served.receive(text));
  }

  close(): void {
    void this.#served.then((served) => served.end());
  }
}

const options: ConnectOptions = {
  fetch: (input, init) => handler(new Request(input, init)),
  WebSocket: PairSocket,
  locks: null,
};

function client(scheme: "http" | "ws"): SyncClient {
  return connectSync(`${scheme}://localhost/sync`, options);
}

/** Cases of `createSync`, `connectSync` and `serveSync`. */
export const syncCases: readonly Case[] = [
  {
    name: "SyncHub keeps two clients and the model together",
    run: async () => {
      const [ada, bob] = [client("http"), client("ws")];
      const [mine, theirs] = [ada.collection<Todo>("todo"), bob.collection<Todo>("todo")];
      await Promise.all([mine.ready, theirs.ready]);
      const tea = await mine.upsert({ text: "tea" });
      await until(() => theirs.get(tea.id)?.text === "tea");
      const direct = await todos.create({ text: "direct" });
      await until(() => mine.get(direct.id)?.text === "direct");
      await theirs.delete(tea.id);
      await until(() => mine.get(tea.id) === undefined);
      equal(await todos.get(Number(tea.id)), undefined);
      await Promise.all([ada.close(), bob.close()]);
    },
  },
  {
    name: "SyncClient.presence() is seen by others, and gone with its client",
    run: async () => {
      const [ada, bob] = [client("ws"), client("ws")];
      const seen = bob.presence("desk", { name: "Bob" });
      ada.presence("desk", { name: "Ada" });
      await until(() => seen.members.size === 2);
      await ada.close();
      await until(() => seen.members.size === 1);
      await bob.close();
    },
  },
];
