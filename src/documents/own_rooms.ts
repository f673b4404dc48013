/**
 * Presence of the server's own: a room that a process takes part in without a socket.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import type { Connection } from "./client/connection_face.ts";
import { openPresence, type Presence } from "./client/presence.ts";

/** The rooms of a process, by one connection that is made for the first of them. */
export class OwnRooms {
  readonly #connect: () => Connection;
  readonly #isShared: boolean;
  #connection: Connection | undefined;

  /** Rooms by a connection that `connect` makes; `isShared` says whether several requests may wait on one. */
  constructor(connect: () => Connection, isShared: boolean) {
    this.#connect = connect;
    this.#isShared = isShared;
  }

  /**
   * A room by its name.
   *
   * @throws {HoldfastError} `ERR_NOT_SUPPORTED` where a connection cannot outlive a request.
   * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if the name is empty.
   */
  open(room: string): Presence {
    if (!this.#isShared) {
      throw new HoldfastError(
        "ERR_NOT_SUPPORTED",
        "Cannot open a room as the backend's isolation must be process: it is request",
      );
    }
    this.#connection ??= this.#connect();
    return openPresence(this.#connection, room);
  }

  /** Ends the connection. */
  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }
}
