/**
 * What the parts of a model's face share.
 *
 * @module
 */

import { checkBackend } from "../backend.ts";
import type { Clock } from "../clock.ts";
import { ArgumentError } from "../errors.ts";
import { Emitter } from "../events.ts";
import type { Random } from "../random.ts";
import type { WakeFeed } from "../wakes/port.ts";
import type { ModelDefinition } from "./definition.ts";
import type { ModelEvents } from "./model_face.ts";
import type { ModelPlan } from "./plan.ts";
import type { ModelStore } from "./port.ts";
import type { ModelTypes } from "./record_types.ts";

/** The slice of a backend that a model needs. */
export interface ModelsBackend {
  /** Keeps the records. */
  readonly models: ModelStore;
  /** Tells that a journal grew. */
  readonly wakes: WakeFeed;
  /** Where ids of version 7 take their time from. */
  readonly clock: Clock;
  /** Where tokens and ids are drawn. */
  readonly random: Random;
}

/** A model's definition on a backend. */
export interface ModelContext<T extends ModelTypes> {
  /** What the user defined. */
  readonly definition: ModelDefinition<T>;
  /** The definition as plain data. */
  readonly plan: ModelPlan;
  /** Keeps the records. */
  readonly store: ModelStore;
  /** Tells that the journal grew. */
  readonly wakes: WakeFeed;
  /** The backend's clock. */
  readonly clock: Clock;
  /** The backend's dice. */
  readonly random: Random;
  /** Who wants to know of writes. */
  readonly events: Emitter<ModelEvents<T>>;
  /** What was found out about the schema: a value, so that requests may share it. */
  readonly proof: { isSelfAccepting: boolean };
  /** The signal of calls that bring none. */
  readonly signal: AbortSignal | undefined;
}

/**
 * The context of a definition on a backend.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if one of them is none.
 */
export function contextOf<T extends ModelTypes>(
  action: string,
  backend: ModelsBackend,
  definition: ModelDefinition<T>,
): ModelContext<T> {
  checkBackend(action, backend, ["models", "wakes", "clock", "random"]);
  // What lacks a plan did not come from `defineModel`.
  if (Object(definition).plan === undefined) {
    throw new ArgumentError(
      "ERR_INVALID_ARGUMENT",
      `Cannot ${action} as the definition must come from defineModel()`,
    );
  }
  const { models: store, wakes, clock, random } = backend;
  const { plan } = definition;
  const [events, proof, signal] = [
    new Emitter<ModelEvents<T>>(),
    { isSelfAccepting: false },
    undefined,
  ];
  return { definition, plan, store, wakes, clock, random, events, proof, signal };
}
