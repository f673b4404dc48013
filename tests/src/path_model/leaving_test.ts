import { deepStrictEqual } from "node:assert/strict";
import { type Holdable, Holds } from "../../../src/path_model/holds.ts";
import { manualClock, settle } from "../../contracts/manual_clock.ts";

Deno.test("Holds subscribe anew to what was being left when it was wanted again", async () => {
  const holds = new Holds(manualClock(), 0);
  const calls: string[] = [];
  const subscriptions: (() => void)[] = [];
  const leaves: ((isLeft: boolean) => void)[] = [];
  const held: Holdable = {
    key: "posts.1",
    fetch: () => Promise.resolve(),
    subscribe: () => {
      calls.push("subscribe");
      return new Promise((resolve) => subscriptions.push(resolve));
    },
    unsubscribe: () => Promise.resolve(void calls.push("unsubscribe")),
    leave: () => {
      calls.push("leave");
      return new Promise((resolve) => leaves.push(resolve));
    },
    forget: () => void calls.push("forget"),
  };
  await holds.take("a", held, "fetch");
  holds.release("a", held.key, "fetch");
  await settle();
  // While it is being left, it is subscribed to, let go of, and subscribed to again.
  const first = holds.take("a", held, "subscribe");
  subscriptions[0]?.();
  await first;
  holds.release("a", held.key, "subscribe");
  await settle();
  leaves[0]?.(true);
  await settle();
  const second = holds.take("b", held, "subscribe");
  subscriptions[1]?.();
  await second;
  for (const left of leaves) left(true);
  await settle();
  const followed = calls.lastIndexOf("subscribe") > calls.lastIndexOf("unsubscribe");
  deepStrictEqual([followed, calls.includes("forget")], [true, false], calls.join());
});
