/**
 * A node as skiff-redis made it: a replicated map of keys, behind the ancestor's names.
 *
 * The names are the ancestor's, and nothing of its core: behind them is `createNode` with the ready-made ordered map.
 *
 * @module
 */

import { EventEmitter } from "node:events";
import { Readable, Writable } from "node:stream";
import type { Json } from "../../src/json.ts";
import {
  type ConsensusNode,
  createNode,
  type KeyRange,
  type KeyValue,
  keyValue,
  type KeyValueChange,
  type KeyValueCommand,
  type KeyValueEntry,
  keyValueMachine,
  type KeyValueQuery,
  type KeyValueReply,
  NODE_EVENTS,
  type NodeEvents,
  type NodeStatus,
} from "../../src/raft/mod.ts";
import { type Callback, SkiffError, told } from "./callback.ts";
import { SKIFF_EVENTS, type SkiffEvent } from "./events.ts";
import { type SkiffOptions, skiffSettings } from "./options.ts";

/** One operation of a batch, a command or a write stream. */
export interface SkiffOperation {
  /** What; `"put"` if left out. */
  readonly type?: "put" | "del";
  /** The key. */
  readonly key: string;
  /** The value of a put. */
  readonly value?: Json;
}

/** Which keys a stream or an iterator gives. */
export interface SkiffRange extends KeyRange {
  /** Whether a stream gives keys. Default true. */
  readonly keys?: boolean;
  /** Whether a stream gives values. Default true. */
  readonly values?: boolean;
}

/** Reads keys one by one, as abstract-leveldown does. */
export interface SkiffIterator {
  /** The next key and value; without arguments at the end. */
  next(callback: (error?: Error | null, key?: string, value?: Json) => void): void;
  /** Ends it. */
  end(callback?: (error?: Error | null) => void): void;
}

/** Options of a command. */
export interface SkiffCommandOptions {
  /** How long it may take, in milliseconds. Default: `commandTimeout`. */
  readonly timeout?: number;
}

/**
 * A node of a cluster that keeps keys and JSON values. Listens by itself unless `autoListen` is false.
 *
 * Every method takes a callback at its end, and gives a promise without one. Writes go to the leader: elsewhere they fail
 * with `ENOTLEADER`, and `leader` says who it is. A write that timed out may have happened: it is not made again.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION`.
 *
 * @example
 * ```ts
 * import { Skiff } from "@holdfast/holdfast/skiff";
 * import { strictEqual } from "node:assert/strict";
 *
 * const node = new Skiff("tcp+msgpack://127.0.0.1:8081", { autoListen: false });
 * await node.open();
 * await node.put("greeting", "hello");
 * strictEqual(await node.get("greeting"), "hello");
 * await node.close();
 * ```
 */
export class Skiff extends EventEmitter implements AsyncDisposable {
  /** The node's URL, which is its id. */
  readonly id: string;
  /** Names this run of the node, by the option `uuid`. */
  readonly instance: string;
  readonly #node: ConsensusNode<
    KeyValueCommand,
    KeyValueReply,
    KeyValueQuery,
    readonly KeyValueEntry[]
  >;
  readonly #map: KeyValue;

  /** Makes a node at a URL such as `tcp+msgpack://localhost:8081`. */
  constructor(url: string, options: SkiffOptions = {}) {
    super();
    const { backend, transport, node, uuid, autoListen } = skiffSettings(options);
    const machine = keyValueMachine();
    this.id = url;
    this.instance = uuid();
    this.#node = createNode(backend, { ...node, url, transport, machine });
    this.#map = keyValue(this.#node, machine);
    for (const name of NODE_EVENTS) this.#forward(name);
    if (autoListen) queueMicrotask(() => this.#listenByItself());
  }

  /** Starts to listen, if it does not yet, and waits until the node knows a leader or waits to be joined. */
  open(callback?: Callback): Promise<void> {
    return told(() => this.#node.ready(), callback);
  }

  /** The same as {@linkcode Skiff.open}. */
  listen(callback?: Callback): Promise<void> {
    return this.open(callback);
  }

  /** Makes a node a member. Only a leader can. */
  join(url: string, callback?: Callback): Promise<void>;
  /** Makes a node a member, and says what is told of it. */
  join(url: string, meta: Json, callback?: Callback): Promise<void>;
  join(url: string, metaOrCallback?: Json | Callback, callback?: Callback): Promise<void> {
    const isCallback = typeof metaOrCallback === "function";
    const meta = isCallback ? undefined : metaOrCallback;
    const last = isCallback ? metaOrCallback : callback;
    return told(() => this.#node.join(url, meta), last);
  }

  /** Makes a node no member any more. Only a leader can. */
  leave(url: string, callback?: Callback): Promise<void> {
    return told(() => this.#node.leave(url), callback);
  }

  /** What is told of a member. */
  peerMeta(url: string, callback?: Callback<Json | undefined>): Json | undefined {
    const meta = this.#node.peerMeta(url);
    if (callback !== undefined) queueMicrotask(() => callback(null, meta));
    return meta;
  }

  /** Puts a value. */
  put(key: string, value: Json, callback?: Callback): Promise<void> {
    return this.command({ type: "put", key, value }, callback);
  }

  /**
   * The value of a key, as of now on all nodes.
   *
   * @throws {SkiffError} `ENOTFOUND` if there is none.
   */
  get(key: string, callback?: Callback<Json>): Promise<Json> {
    return told(async () => {
      const value = await this.#map.get(key);
      if (value === undefined) {
        throw new SkiffError("ENOTFOUND", "Cannot get as the key is not there");
      }
      return value;
    }, callback);
  }

  /** Removes a key, whether it is there or not. */
  del(key: string, callback?: Callback): Promise<void> {
    return this.command({ type: "del", key }, callback);
  }

  /** Makes several changes as one atom. */
  batch(operations: readonly SkiffOperation[], callback?: Callback): Promise<void> {
    return this.command(operations, callback);
  }

  /** Makes one change, or several as one atom. */
  command(command: SkiffOperation | readonly SkiffOperation[], callback?: Callback): Promise<void>;
  /** The same, with a time limit of its own. */
  command(
    command: SkiffOperation | readonly SkiffOperation[],
    options: SkiffCommandOptions,
    callback?: Callback,
  ): Promise<void>;
  command(
    command: SkiffOperation | readonly SkiffOperation[],
    optionsOrCallback: SkiffCommandOptions | Callback = {},
    callback?: Callback,
  ): Promise<void> {
    const isCallback = typeof optionsOrCallback === "function";
    const { timeout } = isCallback ? {} : optionsOrCallback;
    return told(async () => {
      const changes = (isMany(command) ? command : [command]).map(changeOf);
      await this.#map.batch(changes, timeout === undefined ? {} : { timeout });
    }, isCallback ? optionsOrCallback : callback);
  }

  /** Entries of a range in order, as objects of `key` and `value`; or only keys, or only values. */
  createReadStream({ keys = true, values = true, ...range }: SkiffRange = {}): Readable {
    const map = this.#map;
    async function* entries() {
      for await (const { key, value } of map.range(range)) {
        yield keys && values ? { key, value } : keys ? key : value;
      }
    }
    return Readable.from(entries());
  }

  /** Takes operations as objects, and makes each as it comes. */
  createWriteStream(): Writable {
    const write = (operation: SkiffOperation, callback: (error?: Error | null) => void): void => {
      this.command(operation).then(() => callback(), callback);
    };
    return new Writable({
      objectMode: true,
      write: (operation, _encoding, callback) => write(operation, callback),
    });
  }

  /** Reads a range one by one. */
  iterator(range: SkiffRange = {}): SkiffIterator {
    const entries = this.#map.range(range)[Symbol.asyncIterator]();
    return {
      next: (callback) => {
        entries.next().then(
          ({ done, value }) => done ? callback() : callback(null, value.key, value.value),
          callback,
        );
      },
      end: (callback = () => {}) => {
        Promise.resolve(entries.return?.()).then(() => callback(null), callback);
      },
    };
  }

  /** Everything an operator wants to know. */
  status(): NodeStatus {
    return this.#node.status();
  }

  /** Stops, and lets go of everything. */
  close(callback?: Callback): Promise<void> {
    return told(() => this.#node.close(), callback);
  }

  /** Stops. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #forward<Name extends keyof NodeEvents>(name: Name): void {
    const eventsOf = SKIFF_EVENTS[name];
    if (eventsOf === undefined) return;
    this.#node.on(name, (event) => {
      for (const [told, ...args] of eventsOf(event) as readonly SkiffEvent[]) {
        this.emit(told, ...args);
      }
    });
  }

  #listenByItself(): void {
    this.#node.ready().catch((error) => {
      // Nobody leads yet: the node goes on. Anything else is for whoever listens.
      const isEarly = Object(error).code === "ERR_TIMEOUT" || Object(error).code === "ERR_CLOSED";
      this.emit(isEarly ? "warning" : "error", error);
    });
  }
}

function isMany(
  command: SkiffOperation | readonly SkiffOperation[],
): command is readonly SkiffOperation[] {
  return Array.isArray(command);
}

function changeOf({ type = "put", key, value = null }: SkiffOperation): KeyValueChange {
  return type === "del" ? { kind: "del", key } : { kind: "put", key, value };
}
