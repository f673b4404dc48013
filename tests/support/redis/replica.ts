/**
 * A master and a replica that lags behind it for as long as a test wants: the replication link runs through a gate
 * that can be shut. What the master sends while it is shut arrives when it opens, in order and whole.
 *
 * @module
 */

import { eventually } from "../eventually.ts";
import { type RedisServer, startRedis } from "./server.ts";

/** A master with one replica behind a gate. */
export interface LaggingReplica extends AsyncDisposable {
  /** Takes the writes. */
  readonly master: RedisServer;
  /** Follows the master while the gate is open. */
  readonly replica: RedisServer;
  /** Shuts the gate: from now on the replica stays as it is. */
  shut(): void;
  /** Opens the gate: the replica catches up. */
  open(): void;
  /** Waits until the replica has all that the master has. Only while the gate is open. */
  caughtUp(): Promise<void>;
}

/** Starts a master and its replica; the gate is open and the replica is in step. Stop them with `await using`. */
export async function startLaggingReplica(): Promise<LaggingReplica> {
  await using stack = new AsyncDisposableStack();
  const master = stack.use(await startRedis());
  const replica = stack.use(await startRedis());
  const gate = stack.use(openGate(master.port));
  await replica.command("REPLICAOF", "127.0.0.1", gate.port);
  const caughtUp = () => inStep(master, replica);
  await caughtUp();
  const owned = stack.move();
  return {
    master,
    replica,
    shut: gate.shut,
    open: gate.open,
    caughtUp,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function inStep(master: RedisServer, replica: RedisServer): Promise<void> {
  await eventually("the replica is in step with its master", async () => {
    const info = String(await replica.command("INFO", "replication"));
    const isLinked = info.includes("master_link_status:up");
    return isLinked && offset(info, "slave_repl_offset") >= await masterOffset(master);
  });
}

async function masterOffset(master: RedisServer): Promise<number> {
  return offset(String(await master.command("INFO", "replication")), "master_repl_offset");
}

function offset(info: string, name: string): number {
  return Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1]);
}

interface Gate extends AsyncDisposable {
  readonly port: number;
  shut(): void;
  open(): void;
}

/** Passes bytes both ways; those from the target wait while the gate is shut. */
function openGate(target: number): Gate {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections = new Set<Deno.TcpConn>();
  const tasks = new Set<Promise<void>>();
  let barrier = Promise.withResolvers<void>();
  barrier.resolve();
  const pass = async (from: Deno.TcpConn, to: Deno.TcpConn, isGated: boolean) => {
    const chunk = new Uint8Array(65_536);
    try {
      for (let size = await from.read(chunk); size !== null; size = await from.read(chunk)) {
        if (isGated) await barrier.promise;
        for (let sent = 0; sent < size;) sent += await to.write(chunk.subarray(sent, size));
      }
    } catch {
      // Either side is gone, and so is the link.
    }
    for (const end of [from, to]) if (connections.delete(end)) end.close();
  };
  const keep = (task: Promise<void>) => {
    tasks.add(task);
    task.then(() => tasks.delete(task));
  };
  const accept = async () => {
    for await (const near of listener) {
      const far = await Deno.connect({ hostname: "127.0.0.1", port: target });
      connections.add(near).add(far);
      keep(pass(near, far, false));
      keep(pass(far, near, true));
    }
  };
  keep(accept());
  return {
    port: listener.addr.port,
    shut: () => {
      barrier = Promise.withResolvers<void>();
    },
    open: () => barrier.resolve(),
    [Symbol.asyncDispose]: async () => {
      barrier.resolve();
      listener.close();
      for (const end of connections) end.close();
      connections.clear();
      await Promise.all(tasks);
    },
  };
}
