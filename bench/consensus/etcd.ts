/**
 * The peer: three etcd-servers on loopback, asked through their JSON gateway with keep-alive.
 *
 * @module
 */

import { freePort } from "../../tests/support/process.ts";

/** A cluster of etcd. */
export interface EtcdCluster extends AsyncDisposable {
  /** Its name and version, for the table. */
  readonly name: string;
  /** Puts a value of so many bytes through the leader. */
  put(key: string, value: string): Promise<void>;
}

/** Starts three servers; undefined where there is no etcd. */
export async function startEtcd(): Promise<EtcdCluster | undefined> {
  const version = await versionOf();
  if (version === undefined) return undefined;
  const folder = await Deno.makeTempDir({ prefix: "holdfast-etcd-" });
  const members = [0, 1, 2].map((at) => ({
    name: `n${at}`,
    client: `http://127.0.0.1:${freePort()}`,
    peer: `http://127.0.0.1:${freePort()}`,
  }));
  const initial = members.map(({ name, peer }) => `${name}=${peer}`).join(",");
  const children = members.map(({ name, client, peer }) =>
    new Deno.Command("etcd", {
      args: [
        ...["--name", name, "--data-dir", `${folder}/${name}`, "--initial-cluster", initial],
        ...["--listen-client-urls", client, "--advertise-client-urls", client],
        ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer],
        ...["--log-level", "error", "--logger", "zap"],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn()
  );
  const stop = async () => {
    for (const child of children) child.kill("SIGKILL");
    for (const child of children) await child.status;
    await Deno.remove(folder, { recursive: true });
  };
  try {
    const leader = await leaderOf(members.map(({ client }) => client));
    return {
      name: `etcd ${version}, syncing its disk`,
      put: (key, value) => post(leader, "kv/put", { key: btoa(key), value: btoa(value) }),
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function versionOf(): Promise<string | undefined> {
  try {
    const { stdout } = await new Deno.Command("etcd", { args: ["--version"] }).output();
    return /etcd Version: (\S+)/.exec(new TextDecoder().decode(stdout))?.[1];
  } catch {
    // Not installed.
    return undefined;
  }
}

async function leaderOf(clients: readonly string[]): Promise<string> {
  for (let attempt = 0; attempt < 200; attempt++) {
    for (const client of clients) {
      try {
        const response = await fetch(`${client}/v3/maintenance/status`, {
          method: "POST",
          body: "{}",
        });
        const { header, leader } = await response.json();
        if (leader !== undefined && leader !== "0" && header.member_id === leader) return client;
      } catch {
        // Not up yet.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("no etcd leads");
}

async function post(client: string, path: string, body: object): Promise<void> {
  const response = await fetch(`${client}/v3/${path}`, {
    method: "POST",
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`etcd answered ${response.status}`);
  await response.json();
}
