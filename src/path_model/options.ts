/**
 * What a path model is made of, and its views have.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Connection } from "../documents/client/mod.ts";
import type { Duration } from "../duration.ts";
import type { Random } from "../random.ts";
import type { EditOptions } from "./document.ts";
import type { Holds } from "./holds.ts";
import type { PathListeners } from "./listeners.ts";
import type { Segments } from "./path.ts";
import type { ModelStore } from "./store.ts";

/** Options of {@linkcode createPathModel}. */
export interface PathModelOptions {
  /** How long something that nobody holds any more stays; 1 s by default, 0 for not at all. */
  readonly unloadDelay?: Duration;
  /** Whether to subscribe is to fetch, as where a page is rendered once. */
  readonly fetchOnly?: boolean;
  /** Hears why a mutation was not committed that was made without a callback; by default the host does. */
  readonly onError?: (error: unknown) => void;
  /** Where the model reads the time. */
  readonly clock?: Clock;
  /** Where the model rolls its dice. */
  readonly random?: Random;
}

/** What all views of a model share. */
export interface Shared {
  /** What answers queries. */
  readonly connection: Connection;
  /** The documents. */
  readonly store: ModelStore;
  /** The listeners. */
  readonly listeners: PathListeners;
  /** Who holds what. */
  readonly holds: Holds;
  /** Where ids come from. */
  readonly random: Random;
  /** Whether to subscribe is to fetch. */
  readonly fetchOnly: boolean;
  /** Hears of mutations that were not committed, and queries that were given up. */
  readonly onError: (error: unknown) => void;
  /** Resolves when nothing waits for the server. */
  readonly whenNothingPending: () => Promise<void>;
}

/** What a view of a model sees, and how it changes it. */
export interface View {
  /** The path that is its root. */
  readonly at: Segments;
  /** For whom it holds what it fetches and subscribes to. */
  readonly context: string;
  /** What listeners are handed. */
  readonly passed: Readonly<Record<string, unknown>>;
  /** Whether no listener hears of its mutations. */
  readonly isSilent: boolean;
  /** Whether they may be sent as one with what waits beside them. */
  readonly compose: boolean;
}

/** How a view makes mutations. */
export function editOptions({ passed, isSilent, compose }: View): EditOptions {
  return { passed: isSilent ? undefined : passed, compose };
}
