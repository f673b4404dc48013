/**
 * Five nodes in one process, what can be done to them, and who watches.
 *
 * @module
 */

import {
  type ClusterAction,
  type ClusterNews,
  type ClusterView,
  type Flight,
  NODE_COUNT,
  type Pace,
} from "../wire.ts";
import { Member } from "./member.ts";
import { SlowNetwork } from "./slow_network.ts";
import { Writer } from "./writer.ts";

/** How often the page hears news at most, in milliseconds. */
const NEWS_MS = 80;
/** Between two writes, in the cluster's own time. */
const WRITE_MS = 150;
/** Between the starts of two nodes, in the cluster's own time. */
const APART_MS = 11;
/** The most messages that are told of at once; a page need not show more. */
const FLIGHTS_MAX = 100;

/** How much of what happened is told to who comes later. */
const RECENT = 6;

/** Called with news; with all there is to know at first. */
export type ClusterWatcher = (news: ClusterNews) => void;

/** A cluster that writes while somebody watches. */
export class Cluster {
  readonly #pacing: { pace: Pace } = { pace: 10 };
  readonly #watchers = new Set<ClusterWatcher>();
  readonly #network: SlowNetwork;
  readonly #members: readonly Member[];
  readonly #writer: Writer;
  #flights: Flight[] = [];
  #told: string[] = [];
  /** What was told last, for who comes later. */
  #recent: string[] = [];
  #newsTimer: ReturnType<typeof setTimeout> | undefined;
  #writeTimer: ReturnType<typeof setTimeout> | undefined;
  #writesAreOn = true;

  constructor() {
    const changed = (): void => this.#changed();
    this.#network = new SlowNetwork(this.#pacing, (flight) => {
      if (this.#watchers.size > 0 && this.#flights.length < FLIGHTS_MAX) this.#flights.push(flight);
      changed();
    });
    const ground = {
      pacing: this.#pacing,
      network: this.#network,
      changed,
      told: (what: string) => this.#tell(what),
    };
    this.#members = Array.from({ length: NODE_COUNT }, (_, at) => new Member(at + 1, ground));
    this.#writer = new Writer(this.#members, this.#pacing, changed);
  }

  /** Starts every node, each a moment after the one before, as no two machines start at the same moment. */
  start(): void {
    this.#members.forEach((member, at) => {
      setTimeout(() => member.start(), at * APART_MS * this.#pacing.pace);
    });
  }

  /** Tells of everything from now on, until what it returns is called. */
  watch(watcher: ClusterWatcher): () => void {
    this.#watchers.add(watcher);
    watcher({ view: this.view(), flights: [], told: this.#recent });
    this.#writeSoon();
    return () => this.#watchers.delete(watcher);
  }

  view(): ClusterView {
    return {
      pace: this.#pacing.pace,
      nodes: this.#members.map((member) => member.view()),
      cuts: this.#network.cuts,
      writesAreOn: this.#writesAreOn,
      waiting: this.#writer.waiting,
      acknowledged: this.#writer.acknowledged,
      writes: this.#writer.writes,
    };
  }

  act(action: ClusterAction): void {
    switch (action.kind) {
      case "cut":
        this.#network.cut(action.link);
        this.#tell(`The link between nodes ${action.link.join(" and ")} is cut`);
        break;
      case "mend":
        this.#network.mend(action.link);
        this.#tell(`The link between nodes ${action.link.join(" and ")} is mended`);
        break;
      case "pause":
      case "resume":
      case "kill":
      case "restart":
        this.#touch(action.kind, action.node);
        break;
      case "pace":
        this.#pacing.pace = action.pace;
        break;
      case "writes":
        this.#writesAreOn = action.isOn;
        this.#writeSoon();
        break;
      case "write":
        void this.#writer.write();
        break;
      case "heal":
        this.#heal();
        break;
    }
    this.#changed();
  }

  #touch(kind: "pause" | "resume" | "kill" | "restart", id: number): void {
    const member = this.#members[id - 1];
    if (member === undefined) return;
    if (kind === "restart") member.start();
    else member[kind]();
    const done = { pause: "paused", resume: "resumed", kill: "killed", restart: "started again" };
    this.#tell(`Node ${id} is ${done[kind]}`);
  }

  #heal(): void {
    for (const link of this.#network.cuts) this.#network.mend(link);
    for (const member of this.#members) {
      member.resume();
      member.start();
    }
    this.#tell("Every node runs, every link is whole");
  }

  #tell(what: string): void {
    this.#recent = [...this.#recent, what].slice(-RECENT);
    if (this.#watchers.size > 0) this.#told.push(what);
    this.#changed();
  }

  #changed(): void {
    if (this.#watchers.size === 0) return;
    this.#newsTimer ??= setTimeout(() => this.#sendNews(), NEWS_MS);
  }

  #sendNews(): void {
    this.#newsTimer = undefined;
    const news = { view: this.view(), flights: this.#flights, told: this.#told };
    this.#flights = [];
    this.#told = [];
    for (const watcher of this.#watchers) watcher(news);
  }

  #writeSoon(): void {
    if (!this.#writesAreOn || this.#watchers.size === 0) return;
    this.#writeTimer ??= setTimeout(async () => {
      await this.#writer.write();
      this.#writeTimer = undefined;
      this.#writeSoon();
    }, WRITE_MS * this.#pacing.pace);
  }
}
