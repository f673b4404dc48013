import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { once } from "node:events";
import { Skiff, SKIFF_EVENT_NAMES, SKIFF_EVENTS } from "../../../adapters/skiff/mod.ts";
import { inProcess, NODE_EVENTS } from "../../../src/raft/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { CALM } from "./calm.ts";

Deno.test("Skiff tells each of the ancestor's events, with its arguments", async () => {
  const transport = inProcess();
  const told = new Map<string, unknown[]>();
  const listen = (node: Skiff): Skiff => {
    for (const name of SKIFF_EVENT_NAMES) {
      node.on(name, (...args) => {
        if (!told.has(name)) told.set(name, args);
      });
    }
    return node;
  };
  const leader = listen(new Skiff("local://a", { ...CALM, transport }));
  await once(leader, "leader");
  const follower = listen(new Skiff("local://b", { ...CALM, transport, standby: true }));
  await follower.open();
  await leader.join("local://b");
  await leader.put("a", 1);
  await eventually("a node has nothing to do", () => told.has("idle"));
  await leader.leave("local://b");
  await follower.close();
  await leader.close();
  const args = (name: string) => told.get(name);
  for (
    const name of [
      "loaded",
      "standby",
      "leader",
      "candidate",
      "election timeout",
      "done persisting",
      "close",
      "idle",
      "heartbeat",
      "reset election timeout",
      "stopped",
    ]
  ) deepStrictEqual(args(name), [], name);
  ok(["local://a", "local://b"].includes(Object(args("joined")?.[0]).id));
  deepStrictEqual(args("left"), [{ id: "local://b" }]);
  strictEqual(typeof args("applied log")?.[0], "number");
  ok(["standby", "candidate", "leader", "follower"].includes(String(args("state")?.[0])));
  const [peer, type, message] = args("outgoing call") ?? [];
  deepStrictEqual([peer, type], [{ id: "local://b" }, "AppendEntries"]);
  strictEqual(typeof Object(message).kind, "string");
  strictEqual(typeof Object(args("AppendEntries")?.[0]).kind, "string");
  deepStrictEqual(args("reply")?.[0], { id: "local://a" });
  deepStrictEqual(args("response")?.slice(0, 2), [{ id: "local://b" }, undefined]);
});

Deno.test("SKIFF_EVENTS has a row for every name, and every row tells a name that is known", () => {
  const message = { kind: "requestVote", from: "a", to: "b" } as never;
  const samples: Record<string, unknown[]> = {
    ready: [{ leader: undefined }],
    role: ["leader", "candidate", "follower", "preCandidate"].map((role) => ({ role, term: 1 })),
    sent: [{ message }, { message: { kind: "heartbeat", from: "a", to: "b" } }, {
      message: { kind: "vote", from: "a", to: "b" },
    }],
    received: ["requestVote", "appendEntries", "installSnapshot", "vote"].map((kind) => ({
      message: { kind, from: "a", to: "b" },
    })),
    warning: [{ error: new Error("w"), attempt: 1 }],
    error: [{ error: new Error("e") }],
    voteGranted: [{ voter: "b", term: 2 }],
    reconnected: [{ kind: "reconnected", peer: "b" }],
  };
  const names = new Set<string>();
  for (const name of NODE_EVENTS) {
    const row = SKIFF_EVENTS[name] as
      | ((event: unknown) => readonly (readonly unknown[])[])
      | undefined;
    for (const event of samples[name] ?? [{ peer: "b", url: "b", index: 1, term: 1 }]) {
      for (const [told, ...args] of row?.(event) ?? []) {
        names.add(String(told));
        ok(
          args.every((arg, at) => arg !== undefined || told === "response" && at === 1),
          String(told),
        );
      }
    }
  }
  deepStrictEqual([...names].sort(), [...SKIFF_EVENT_NAMES].sort());
});
