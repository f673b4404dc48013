/**
 * What the playground's server and its page say to each other beside what the library carries: plain data.
 *
 * @module
 */

/** Below which path everything of the playground is, but for the page itself. */
export const BASE_PATH = "/playground";
/** The path of the board's sync hub. */
export const SYNC_PATH = "/playground/sync";
/** The path of documents. */
export const DOCUMENTS_PATH = "/playground/documents";
/** The path of the cluster: a stream of events by GET, an action by POST. */
export const CLUSTER_PATH = "/playground/cluster";
/** The path of stampedes. */
export const STAMPEDE_PATH = "/playground/stampede";

/** The collection of the documents that are edited together, and their ids. */
export const DESK = { collection: "desk", letter: "letter", sketch: "sketch" } as const;
/** The rooms in which people tell who they are and where their pens are. */
export const ROOMS = { people: "people", pens: "pens" } as const;
/** The size of the sketch, in its own units. */
export const SKETCH = { width: 1000, height: 560 } as const;

/** The columns of the board. */
export const COLUMNS = ["wish", "booked", "been"] as const;
/** The name of the board's model on the wire. */
export const CARD_MODEL = "Card";

/** A card of the board. */
export interface Card {
  /** Where one wants to go. */
  readonly title: string;
  /** What the atlas knows of it; nothing for what is no country. */
  readonly detail: string;
  /** The column. */
  readonly column: typeof COLUMNS[number];
  /** The place in the column: lower is higher up. */
  readonly rank: number;
}

/** How the columns are called. */
export const COLUMN_TITLES: Readonly<Record<Card["column"], string>> = {
  wish: "Wish",
  booked: "Booked",
  been: "Been",
};

/** How many nodes the cluster has. */
export const NODE_COUNT = 5;

/** What somebody does to the cluster. */
export type ClusterAction =
  | { readonly kind: "cut" | "mend"; readonly link: readonly [number, number] }
  | { readonly kind: "pause" | "resume" | "kill" | "restart"; readonly node: number }
  | { readonly kind: "pace"; readonly pace: Pace }
  | { readonly kind: "writes"; readonly isOn: boolean }
  | { readonly kind: "write" | "heal" };

/** How many times slower than life the cluster runs. */
export type Pace = 10 | 4;

/** An entry of a node's log, as it is shown. */
export interface LogCell {
  readonly index: number;
  readonly term: number;
  /** The number of the write that it holds; undefined for what is no write. */
  readonly write: number | undefined;
}

/** A node, as it is shown. Nodes are numbered from 1. */
export interface NodeView {
  readonly id: number;
  readonly life: "running" | "paused" | "killed";
  readonly role: "follower" | "preCandidate" | "candidate" | "leader";
  readonly term: number;
  readonly vote: number | undefined;
  readonly commit: number;
  readonly log: readonly LogCell[];
}

/** A write that the cluster has acknowledged. */
export interface WriteView {
  readonly number: number;
  readonly index: number;
  readonly term: number;
  readonly node: number;
  readonly attempts: number;
  readonly tookMs: number;
}

/** The cluster, as it is shown. */
export interface ClusterView {
  readonly pace: Pace;
  readonly nodes: readonly NodeView[];
  readonly cuts: readonly (readonly [number, number])[];
  readonly writesAreOn: boolean;
  /** The write that waits for an answer. */
  readonly waiting: { readonly number: number; readonly attempts: number } | undefined;
  readonly acknowledged: number;
  readonly writes: readonly WriteView[];
}

/** A message on its way. */
export interface Flight {
  readonly from: number;
  readonly to: number;
  readonly kind: "heartbeat" | "entries" | "ask" | "yes" | "no" | "answer";
  readonly ms: number;
  readonly isLost: boolean;
}

/** What the stream of the cluster brings. */
export interface ClusterNews {
  readonly view: ClusterView;
  readonly flights: readonly Flight[];
  /** What happened, in words; the newest last. */
  readonly told: readonly string[];
}

/** How many callers a stampede has. */
export const CALLERS = 500;
/** Among how many instances of a function they are spread. */
export const INSTANCES = 10;

/** What a stampede tells, line by line. */
export interface StampedeNews {
  /** Since its beginning. */
  readonly atMs: number;
  /** Who has come since the last line. */
  readonly arrived: readonly number[];
  /** Who has begun to create since the last line. */
  readonly creating: readonly number[];
  /** Who has an answer since the last line. */
  readonly answered: readonly number[];
  readonly isOver: boolean;
}
