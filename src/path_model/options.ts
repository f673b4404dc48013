/**
 * What a path model is made of, and its views have.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Duration } from "../duration.ts";
import type { Random } from "../random.ts";
import type { Holds } from "./holds.ts";
import type { PathListeners } from "./listeners.ts";
import type { Segments } from "./path.ts";
import type { EditOptions, ModelStore } from "./store.ts";

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
  /** Hears of mutations that were not committed. */
  readonly onError: (error: unknown) => void;
  /** Resolves when nothing waits for the server. */
  readonly whenNothingPending: () => Promise<void>;
}

/** What a view of a model sees, and how it changes it. */
export interface View extends EditOptions {
  /** The path that is its root. */
  readonly at: Segments;
  /** For whom it holds what it fetches and subscribes to. */
  readonly context: string;
}
