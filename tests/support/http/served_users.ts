/**
 * The users of the tests of models, in memory and over HTTP.
 *
 * @module
 */

import {
  createHandler,
  type Handler,
  type HandlerOptions,
  serveModels,
} from "../../../src/http/mod.ts";
import type { Model } from "../../../src/models/mod.ts";
import { inMemory, User, type UserTypes } from "../models/users.ts";
import { clientOf, type Send } from "./client.ts";

/** A model of users, and who serves it. */
export interface ServedUsers {
  /** The model. */
  readonly model: Model<UserTypes>;
  /** The handler that serves it as `users`. */
  readonly handler: Handler;
  /** A client of the handler. */
  readonly send: Send;
}

/** Serves users in memory. */
export function servedUsers<S extends { id: string }>(
  options: HandlerOptions<S> = {},
): ServedUsers {
  const { model } = inMemory(User);
  const handler = createHandler([serveModels({ users: model })], options);
  return { model, handler, send: clientOf(handler) };
}
