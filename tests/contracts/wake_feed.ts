/**
 * What every driver of the port of wake-up hints must do.
 *
 * @module
 */

import type { Wake, WakeEvent, WakeFeed } from "../../src/wakes/port.ts";
import { equal, fails, ok } from "./assert.ts";
import type { Bench, OpenBench, TestFunction } from "./harness.ts";

/** Registers the suite with a runner. */
export function wakeFeedContract(test: TestFunction, open: OpenBench<WakeFeed>): void {
  const on = (name: string, run: (bench: Bench<WakeFeed>) => Promise<void>): void => {
    test(`WakeFeed.${name}`, async () => {
      await using bench = await open();
      await run(bench);
    });
  };
  subscribing(on);
  delivering(on);
  refusing(on);
}

type On = (name: string, run: (bench: Bench<WakeFeed>) => Promise<void>) => void;

function subscribing(on: On): void {
  on("subscribe() tells a gap first, and not before it has returned", async (bench) => {
    await using listener = subscribed(bench, "orders");
    equal(listener.events, []);
    await listener.until(1);
    equal(listener.events, [{ kind: "gap" }]);
  });

  on("subscribe() says nothing for a signal that is aborted already", async (bench) => {
    const events: WakeEvent[] = [];
    bench.store.subscribe("orders", (event) => void events.push(event), AbortSignal.abort());
    await using other = subscribed(bench, "orders");
    await other.until(1);
    await bench.store.publish("orders", wake(1));
    await other.until(2);
    equal(events, []);
  });

  on(
    "subscribe() says nothing after its signal was aborted, and goes on for others",
    async (bench) => {
      await using other = subscribed(bench, "orders");
      const listener = subscribed(bench, "orders");
      await listener.until(1);
      await other.until(1);
      const publishing = bench.store.publish("orders", wake(1));
      await listener[Symbol.asyncDispose]();
      const told = listener.events.length;
      await publishing;
      await bench.store.publish("orders", wake(2));
      await other.until(3);
      equal(listener.events.length, told);
    },
  );

  on("subscribe() may be ended and begun anew", async (bench) => {
    const first = subscribed(bench, "orders");
    await first.until(1);
    await first[Symbol.asyncDispose]();
    await using second = subscribed(bench, "orders");
    await second.until(1);
    await bench.store.publish("orders", wake(1));
    await second.until(2);
    equal(second.events, [{ kind: "gap" }, { kind: "wake", wake: wake(1) }]);
  });

  on("subscribe() lets a listener end itself", async (bench) => {
    const stop = new AbortController();
    const events: WakeEvent[] = [];
    bench.store.subscribe("orders", (event) => {
      events.push(event);
      if (event.kind === "wake") stop.abort();
    }, stop.signal);
    await using other = subscribed(bench, "orders");
    await other.until(1);
    while (events.length === 0) await bench.advance(5);
    for (const index of [1, 2, 3]) await bench.store.publish("orders", wake(index));
    await other.until(4);
    equal(events, [{ kind: "gap" }, { kind: "wake", wake: wake(1) }]);
  });
}

function delivering(on: On): void {
  on("publish() carries the position, and the entry if there is one", async (bench) => {
    await using listener = subscribed(bench, "orders");
    await listener.until(1);
    const wakes = ENTRIES.map((entry, i) => ({ ...wake(i + 1), entry }));
    for (const one of [...wakes, wake(99)]) await bench.store.publish("orders", one);
    await listener.until(wakes.length + 2);
    equal(listener.wakes(), [...wakes, wake(99)]);
  });

  on("publish() leaves out an entry over 8 KB or of several lines", async (bench) => {
    await using listener = subscribed(bench, "orders");
    await listener.until(1);
    const fits = "é".repeat(4_096);
    await bench.store.publish("orders", { ...wake(1), entry: fits });
    await bench.store.publish("orders", { ...wake(2), entry: `${fits}x` });
    await bench.store.publish("orders", { ...wake(3), entry: "two\nlines" });
    await listener.until(4);
    equal(listener.wakes(), [{ ...wake(1), entry: fits }, wake(2), wake(3)]);
  });

  on("publish() keeps the order within a channel", async (bench) => {
    await using listener = subscribed(bench, "orders");
    await listener.until(1);
    const wakes = Array.from({ length: 100 }, (_, i) => wake(i + 1));
    for (const one of wakes) await bench.store.publish("orders", one);
    await listener.until(101);
    equal(listener.wakes(), wakes);
  });

  on("publish() keeps channels apart, whatever characters their names have", async (bench) => {
    const listeners = CHANNELS.map((channel) => subscribed(bench, channel));
    for (const listener of listeners) await listener.until(1);
    for (const [i, channel] of CHANNELS.entries()) {
      await bench.store.publish(channel, wake(i + 1));
    }
    for (const listener of listeners) await listener.until(2);
    equal(listeners.map((listener) => listener.wakes()), CHANNELS.map((_, i) => [wake(i + 1)]));
    for (const listener of listeners) await listener[Symbol.asyncDispose]();
  });

  on("publish() reaches every subscriber, through every handle", async (bench) => {
    const peer = await bench.peer();
    await using own = subscribed(bench, "orders");
    await using same = subscribed(bench, "orders");
    await using far = subscribed({ store: peer, advance: bench.advance }, "orders");
    for (const listener of [own, same, far]) await listener.until(1);
    await bench.store.publish("orders", wake(1));
    for (const listener of [own, same, far]) await listener.until(2);
    await peer.publish("orders", wake(2));
    for (const listener of [own, same, far]) {
      await listener.until(3);
      equal(listener.wakes(), [wake(1), wake(2)]);
    }
  });

  on("publish() never calls a listener inside itself or inside another call", async (bench) => {
    const stop = new AbortController();
    let depth = 0;
    let deepest = 0;
    const seen: number[] = [];
    const published: Promise<void>[] = [];
    bench.store.subscribe("orders", (event) => {
      deepest = Math.max(deepest, ++depth);
      if (event.kind === "wake") seen.push(event.wake.index);
      const next = seen.length + 1;
      if (next <= 5) published.push(bench.store.publish("orders", wake(next)));
      depth--;
    }, stop.signal);
    while (seen.length < 5) await bench.advance(5);
    equal([deepest, seen], [1, [1, 2, 3, 4, 5]]);
    await Promise.all(published);
    stop.abort();
  });

  on("publish() loses nothing in silence when much comes at once", async (bench) => {
    await using listener = subscribed(bench, "orders");
    await listener.until(1);
    const last = 1_500;
    const indexes = Array.from({ length: last }, (_, i) => i + 1);
    await Promise.all(indexes.map((index) => bench.store.publish("orders", wake(index))));
    await bench.store.publish("orders", wake(last + 1));
    await listener.told((event) => event.kind === "wake" && event.wake.index === last + 1);
    const told = new Set(listener.wakes().map(({ index }) => index));
    const gaps = listener.events.filter(({ kind }) => kind === "gap").length;
    ok(gaps > 1 || indexes.every((index) => told.has(index)), "all were told, or a gap was");
  });

  on("publish() hands over copies", async (bench) => {
    await using listener = subscribed(bench, "orders");
    await listener.until(1);
    const mine = { ...wake(1), entry: "before" };
    const publishing = bench.store.publish("orders", mine);
    mine.entry = "after";
    await publishing;
    await listener.until(2);
    equal(listener.wakes(), [{ ...wake(1), entry: "before" }]);
  });
}

function refusing(on: On): void {
  on("publish() refuses a channel and a wake that break the rules", async ({ store }) => {
    const broken: readonly Wake[] = [
      { ...wake(1), epoch: "" },
      { ...wake(1), epoch: "with space" },
      { ...wake(1), tag: "" },
      { ...wake(1), tag: "line\nbreak" },
      { ...wake(1), tag: "x".repeat(65) },
      { ...wake(1), previousTag: "t0" },
      { ...wake(2), previousTag: "" },
      { ...wake(1), index: 0 },
      { ...wake(1), index: 1.5 },
      { ...wake(1), index: 2 ** 53 },
    ];
    for (const one of broken) {
      await fails("ERR_INVALID_ARGUMENT", () => store.publish("orders", one));
    }
    for (const channel of ["", "x".repeat(257), "\ud800"]) {
      await fails("ERR_INVALID_ARGUMENT", () => store.publish(channel, wake(1)));
    }
  });

  on("subscribe() refuses a channel that breaks the rules", async ({ store }) => {
    const { signal } = new AbortController();
    for (const channel of ["", "x".repeat(257), "\ud800"]) {
      await fails("ERR_INVALID_ARGUMENT", () => store.subscribe(channel, () => {}, signal));
    }
  });

  on("publish() publishes nothing for a caller who has given up", async (bench) => {
    await using listener = subscribed(bench, "orders");
    await listener.until(1);
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    const told = await bench.store.publish("orders", wake(1), { signal }).catch((error) => error);
    ok(told === reason, "rejects with the signal's reason");
    await bench.store.publish("orders", wake(2));
    await listener.until(2);
    equal(listener.wakes(), [wake(2)]);
  });
}

/** What an entry may look like on its way. */
const ENTRIES: readonly string[] = [
  "",
  " ",
  '{"a":[1,2,"x, y"]}',
  "a,b: c",
  "  spaces around  ",
  "\u2028\u2029\u0085\t\0",
  "ünï 🙂",
  "null",
  '"quoted\\n"',
];

/** Names that a careless driver confuses. */
const CHANNELS: readonly string[] = [
  "a",
  "A",
  "a/b",
  "a,b",
  "a b",
  "a*",
  "a?x=1",
  "a#b",
  "a%41",
  "a~41",
  "a[b]",
  "{a}",
  "ä",
  "a\n",
  "🙂",
];

/** A wake of the journal that every test has: tags follow from indexes. */
function wake(index: number): Wake {
  return { epoch: "e1", index, tag: `t${index}`, previousTag: index > 1 ? `t${index - 1}` : "" };
}

interface Listener extends AsyncDisposable {
  readonly events: WakeEvent[];
  wakes(): Wake[];
  /** Lets time pass until so many events were told. */
  until(count: number): Promise<void>;
  /** Lets time pass until such an event was told. */
  told(what: (event: WakeEvent) => boolean): Promise<void>;
}

function subscribed(
  { store, advance }: Pick<Bench<WakeFeed>, "store" | "advance">,
  channel: string,
): Listener {
  const stop = new AbortController();
  const events: WakeEvent[] = [];
  store.subscribe(channel, (event) => void events.push(event), stop.signal);
  const holds = async (condition: () => boolean): Promise<void> => {
    for (let waits = 0; !condition(); waits++) {
      ok(waits < 500, `enough events within 5 s (${events.length} came)`);
      await advance(10);
    }
  };
  return {
    events,
    wakes: () => events.flatMap((event) => event.kind === "wake" ? [event.wake] : []),
    until: (count) => holds(() => events.length >= count),
    told: (what) => holds(() => events.some(what)),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      // The end of a connection is the driver's; a turn lets it begin.
      await advance(1);
    },
  };
}
