/**
 * What a session wants of its shell, in order.
 *
 * @module
 */

import type { Op } from "../change.ts";
import type { ServerMessage } from "./replies.ts";
import type { Close, Task } from "./tasks.ts";

/** One thing to be done. */
export type Effect =
  /** Send a message. */
  | { readonly kind: "send"; readonly message: ServerMessage }
  /** Send an operation: the text is the same for everybody, but for its author. */
  | {
    readonly kind: "sendOp";
    readonly collection: string;
    readonly id: string;
    readonly epoch: string;
    readonly op: Op;
    /** The id under which its author knows itself, if it is a source of this connection. */
    readonly source: string | undefined;
  }
  /** Do this, and say what came of it. */
  | { readonly kind: "start"; readonly task: Task }
  /** Hear no more of these documents' streams. */
  | { readonly kind: "part"; readonly collection: string; readonly ids: readonly string[] }
  /** End the connection. */
  | { readonly kind: "close"; readonly close: Close };
