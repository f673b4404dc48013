/**
 * A network within this process whose messages take their time, and whose links can be cut: a transport of one's own, by
 * the port that the library gives.
 *
 * @module
 */

import type {
  PeerMessage,
  Transport,
  TransportCounters,
  TransportHost,
  TransportLink,
} from "@holdfast/holdfast/consensus";
import type { Flight } from "../wire.ts";
import type { Pacing } from "./slow_clock.ts";

/** How long a message takes, in milliseconds of the cluster's own time. */
const DELAY_MS = 30;
/** The most messages that wait for a paused node; older ones are lost. */
const WAITING_MAX = 200;

/** The number in a node's URL. */
export function numberOf(url: string): number {
  return Number(url.slice(url.lastIndexOf("/") + 1));
}

/** The URL of a node. */
export function urlOf(id: number): string {
  return `local://node/${id}`;
}

interface Station {
  readonly host: TransportHost;
  /** What came in while the node is paused. */
  waiting: PeerMessage[] | undefined;
}

/** A network. Who opens it is a station of it until the link is closed. */
export class SlowNetwork implements Transport {
  readonly protocols: readonly string[] = ["local:"];
  readonly #pacing: Pacing;
  readonly #onFlight: (flight: Flight) => void;
  readonly #stations = new Map<number, Station>();
  readonly #cuts = new Set<string>();

  constructor(pacing: Pacing, onFlight: (flight: Flight) => void) {
    this.#pacing = pacing;
    this.#onFlight = onFlight;
  }

  /** Every link that is cut. */
  get cuts(): readonly (readonly [number, number])[] {
    return [...this.#cuts].map((name) => {
      const [a = 0, b = 0] = name.split("-").map(Number);
      return [a, b] as const;
    });
  }

  cut([a, b]: readonly [number, number]): void {
    this.#cuts.add(linkName(a, b));
  }

  mend([a, b]: readonly [number, number]): void {
    this.#cuts.delete(linkName(a, b));
  }

  /** Takes a node off the network: nothing of it comes through any more. */
  unplug(id: number): void {
    this.#stations.delete(id);
  }

  /** Keeps what comes in for a node, until it is released. */
  hold(id: number): void {
    const station = this.#stations.get(id);
    if (station !== undefined) station.waiting ??= [];
  }

  release(id: number): void {
    const station = this.#stations.get(id);
    const waiting = station?.waiting ?? [];
    if (station !== undefined) station.waiting = undefined;
    for (const message of waiting) station?.host.receive(message);
  }

  open(host: TransportHost): Promise<TransportLink> {
    const id = numberOf(host.url);
    const station: Station = { host, waiting: undefined };
    const counts = { sent: 0, received: 0, dropped: 0 };
    this.#stations.set(id, station);
    return Promise.resolve({
      send: (message) => {
        counts.sent += 1;
        if (!this.#send(station, message)) counts.dropped += 1;
      },
      counters: (): TransportCounters => ({
        ...counts,
        bytesSent: 0,
        bytesReceived: 0,
        refused: {},
      }),
      close: () => {
        if (this.#stations.get(id) === station) this.#stations.delete(id);
        return Promise.resolve();
      },
    });
  }

  #send(station: Station, message: PeerMessage): boolean {
    const [from, to] = [numberOf(message.from), numberOf(message.to)];
    if (this.#stations.get(from) !== station) return false;
    const ms = DELAY_MS * this.#pacing.pace;
    const isLost = !this.#passes(from, to);
    this.#onFlight({ from, to, kind: kindOf(message), ms, isLost });
    if (!isLost) setTimeout(() => this.#arrive(message, from, to), ms);
    return !isLost;
  }

  #arrive(message: PeerMessage, from: number, to: number): void {
    const station = this.#stations.get(to);
    if (station === undefined || !this.#passes(from, to)) return;
    if (station.waiting === undefined) return station.host.receive(message);
    station.waiting.push(message);
    if (station.waiting.length > WAITING_MAX) station.waiting.shift();
  }

  #passes(from: number, to: number): boolean {
    return this.#stations.has(to) && !this.#cuts.has(linkName(from, to));
  }
}

function linkName(a: number, b: number): string {
  return `${Math.min(a, b)}-${Math.max(a, b)}`;
}

function kindOf(message: PeerMessage): Flight["kind"] {
  switch (message.kind) {
    case "heartbeat":
      return "heartbeat";
    case "appendEntries":
      return message.entries.length > 0 ? "entries" : "heartbeat";
    case "requestVote":
    case "requestPreVote":
      return "ask";
    case "vote":
    case "preVote":
      return message.isGranted ? "yes" : "no";
    default:
      return "answer";
  }
}
