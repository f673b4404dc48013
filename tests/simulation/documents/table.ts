/**
 * One server and some clients around a table: messages travel in virtual time, and nothing else happens at all.
 *
 * @module
 */

import type { Clock } from "../../../src/clock.ts";
import { ClientConnection } from "../../../src/documents/client/connection.ts";
import type { PendingStorage } from "../../../src/documents/client/keeper.ts";
import type { LinkListener } from "../../../src/documents/client/link.ts";
import type { OtType } from "../../../src/ot/mod.ts";
import { seededRandom } from "../../../src/random.ts";
import { VirtualTime } from "../virtual_time.ts";
import type { Message, ReferenceServer } from "./reference_server.ts";

/** How long a message takes to the server and back; the same for all of one direction keeps order. */
export type DelayMs = (name: string) => number;

/** A clock that shows virtual time. */
export function virtualClock(time: VirtualTime): Clock {
  return {
    now: () => time.nowMs,
    monotonic: () => time.nowMs,
    after: (ms, callback) => {
      let isCancelled = false;
      time.after(ms, () => isCancelled || callback());
      return () => {
        isCancelled = true;
      };
    },
  };
}

/** One way between a client and the server. */
export interface Way {
  /** Breaks it: what is under way is lost, and both sides learn of it. */
  cut(): void;
}

/** A client at the table. */
export interface Guest {
  readonly connection: ClientConnection;
  /** The ways that are open. */
  readonly ways: Set<Way>;
  /** While true no way can be opened. */
  isAway: boolean;
}

/** What a guest brings. */
export interface GuestOptions {
  readonly types?: readonly OtType[];
  readonly storage?: PendingStorage;
  readonly delayMs?: DelayMs;
  readonly seed?: number;
  readonly silenceMs?: number;
}

/** A server and its guests. */
export class Table {
  readonly time: VirtualTime = new VirtualTime();
  readonly server: ReferenceServer;

  constructor(server: ReferenceServer) {
    this.server = server;
  }

  /** Seats a client. */
  seat(options: GuestOptions = {}): Guest {
    const { storage, delayMs = () => 1, seed = 1, silenceMs = 1e9 } = options;
    const clock = virtualClock(this.time);
    const ways = new Set<Way>();
    const connection = new ClientConnection({
      openLink: (listener) => {
        const way = this.#way(guest, listener, delayMs);
        return way;
      },
      context: { types: options.types ?? this.server.types, isStored: storage !== undefined },
      clock,
      random: seededRandom(seed),
      backoff: { firstMs: 10, ceilingMs: 100 },
      silenceMs,
      storage,
      defer: (callback) => this.time.after(0, callback),
    });
    const guest: Guest = { connection, ways, isAway: false };
    return guest;
  }

  /** Lets time pass until nothing happens any more, or for so long. */
  run(forMs = 1e5): void {
    const until = this.time.nowMs + forMs;
    while (this.time.step(until));
  }

  #way(guest: Guest, listener: LinkListener, delayMs: DelayMs) {
    let isOpen = true;
    const { server, time } = this;
    const lastMs = { up: 0, down: 0 };
    const carry = (side: "up" | "down", action: () => void): void => {
      lastMs[side] = Math.max(lastMs[side], time.nowMs + delayMs(side));
      time.after(lastMs[side] - time.nowMs, () => isOpen && action());
    };
    const session = { current: undefined as ReturnType<ReferenceServer["open"]> | undefined };
    const end = (): void => {
      isOpen = false;
      guest.ways.delete(way);
      if (session.current !== undefined) server.close(session.current);
    };
    const way = {
      cut: () => {
        if (!isOpen) return;
        end();
        time.after(1, () => listener.closed({ isFinal: false }));
      },
      send: (text: string) => {
        carry("up", () => session.current && server.receive(session.current, JSON.parse(text)));
      },
      close: end,
    };
    guest.ways.add(way);
    time.after(1, () => {
      if (!isOpen) return;
      if (guest.isAway) return way.cut();
      session.current = server.open((message: Message) => {
        const text = JSON.stringify(message);
        carry("down", () => listener.received(text));
      });
      listener.opened();
    });
    return way;
  }
}
