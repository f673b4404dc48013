/**
 * A client by hand at the end of a hub's own channel: what it says and hears, and nothing else.
 *
 * @module
 */

import type { SyncChannel, SyncConnection, SyncHub, SyncSubject } from "../../../src/sync/mod.ts";
import { eventually } from "../eventually.ts";

/** A message of the hub as a test looks at it. */
// deno-lint-ignore no-explicit-any -- what a message holds is what the test is about.
export type Heard = any;

/** The client's side. */
export interface Peer {
  /** Everything that was heard, in order. */
  readonly heard: Heard[];
  /** The code with which the hub closed, once it has. */
  readonly closed: number | undefined;
  /** Says something; texts as they are. */
  say(message: unknown): void;
  /** Asks something and gives the answer. */
  ask(event: string, data?: unknown, rest?: object): Promise<Heard>;
  /** What was heard of a kind of event. */
  events(event: string): Heard[];
  /** Waits until so many events of a kind were heard. */
  until(event: string, count: number): Promise<Heard[]>;
  /** Holds up reading: the channel says that it holds so many bytes. */
  hold(bytes: number): void;
  /** Goes away without a word. */
  end(): void;
}

/** Connects a client to a hub. */
export async function connectPeer<Subject extends SyncSubject>(
  hub: SyncHub<Subject>,
  subject?: Subject,
): Promise<Peer> {
  const heard: Heard[] = [];
  let closed: number | undefined;
  let held = 0;
  let asked = 0;
  const channel: SyncChannel = {
    send: (text) => void heard.push(JSON.parse(text)),
    heldBytes: () => held,
    close: (code) => closed = code,
  };
  const connection: SyncConnection = await hub.connect(channel, { subject });
  const events = (event: string) =>
    heard.filter((one) => one.event === event && one.id === undefined);
  const say = (message: unknown) =>
    connection.receive(typeof message === "string" ? message : JSON.stringify(message));
  return {
    heard,
    get closed() {
      return closed;
    },
    say,
    ask: async (event, data, rest) => {
      const id = `ask-${asked++}`;
      say({ id, event, data, ...rest });
      await eventually(`an answer to ${event}`, () => heard.some((one) => one.id === id));
      return heard.find((one) => one.id === id);
    },
    events,
    until: async (event, count) => {
      await eventually(`${count} of ${event}`, () => events(event).length >= count);
      return events(event);
    },
    hold: (bytes) => held = bytes,
    end: () => connection.end(),
  };
}
