/**
 * A hub that does what a test says: sockets that it opens and breaks, messages that it sees and answers.
 *
 * @module
 */

import { seededRandom } from "../../../../src/random.ts";
import type { Json, JsonObject } from "../../../../src/json.ts";
import { connectSync } from "../../../../src/sync/client/client.ts";
import type {
  ConnectOptions,
  SyncClient,
  SyncCollection,
} from "../../../../src/sync/client/face.ts";
import type { SocketClass, SocketLike } from "../../../../src/sync/client/roads.ts";
import { type ManualClock, manualClock } from "../../../contracts/manual_clock.ts";

/** A socket, seen from its hub. */
export class ScriptedSocket implements SocketLike {
  onopen: unknown = null;
  onmessage: unknown = null;
  onclose: unknown = null;
  onerror: unknown = null;
  /** What the client has sent. */
  readonly sent: JsonObject[] = [];
  /** Whether the client has closed it. */
  isClosed = false;

  /** Where it goes. */
  readonly url: string;
  /** What it was opened with. */
  readonly protocols: readonly string[];

  constructor(url: string, protocols: readonly string[]) {
    this.url = url;
    this.protocols = protocols;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.isClosed = true;
  }

  /** Accepts the connection. */
  open(): void {
    call(this.onopen, {});
  }

  /** Sends a message, or any text. */
  say(message: Json): void {
    call(this.onmessage, { data: typeof message === "string" ? message : JSON.stringify(message) });
  }

  /** Breaks the connection. */
  break(code = 1006): void {
    call(this.onclose, { code });
  }

  /** The last message of this name that was sent. */
  last(event: string): JsonObject {
    const found = this.sent.findLast((message) => message.event === event);
    if (found === undefined) throw new Error(`Nothing was sent as ${event}`);
    return found;
  }

  /** Answers the last message of this name. */
  answer(event: string, reply: JsonObject): void {
    this.say({ id: this.last(event).id ?? null, event, ...reply });
  }

  /** Accepts the connection, and gives the records of a model to who asks. */
  serve(model: string, records: readonly JsonObject[], seq = 10): void {
    this.open();
    this.answer("$sync:subscribe", { data: { model, cursor: `e.${seq}.t`, seq, reset: true } });
    this.answer(`${model}:read`, { data: records });
  }
}

function call(listener: unknown, event: object): void {
  if (typeof listener === "function") listener(event);
}

/** What a test has in hand. */
export interface Script {
  /** The sockets that were opened, in their order. */
  readonly sockets: readonly ScriptedSocket[];
  /** The last one. */
  readonly socket: ScriptedSocket;
  /** The client's clock. */
  readonly clock: ManualClock;
  /** Options by which a client speaks to this hub. */
  readonly options: ConnectOptions;
}

/** A hub that waits for what the test says. */
export function scripted(): Script {
  const sockets: ScriptedSocket[] = [];
  const clock = manualClock();
  class Socket extends ScriptedSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      sockets.push(this);
    }
  }
  const WebSocket: SocketClass = Socket;
  return {
    sockets,
    clock,
    options: { WebSocket, clock, random: seededRandom(7), locks: null },
    get socket() {
      const last = sockets.at(-1);
      if (last === undefined) throw new Error("No socket was opened");
      return last;
    },
  };
}

/** What the records of these tests have. */
export interface Todo {
  readonly text: string;
  readonly done?: boolean;
}

/** Two records. */
export const MILK = { id: 1, text: "milk", $version: "3-a" };
export const BREAD = { id: 2, text: "bread", $version: "5-b" };

/** A client with a live collection of two records. */
export async function online(
  hub: Script,
  more: ConnectOptions = {},
): Promise<{ readonly client: SyncClient; readonly todos: SyncCollection<Todo> }> {
  const client = connectSync("wss://host/sync", { ...hub.options, ...more });
  const todos = client.collection<Todo>("Todo");
  await hub.clock.advance(0);
  hub.socket.serve("Todo", [MILK, BREAD]);
  await todos.ready;
  return { client, todos };
}

/** What is seen, in its order. */
export function texts(todos: SyncCollection<Todo>): readonly string[] {
  return todos.records.map(({ text }) => text);
}
