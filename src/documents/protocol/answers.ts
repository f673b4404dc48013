/**
 * Answers to requests that touch no document's order: what a document was, and what is not to be had.
 *
 * @module
 */

import { HoldfastError } from "../../errors.ts";
import type { DocumentCore } from "../core.ts";
import type { Rules } from "../rules.ts";
import { numbered } from "./read_replies.ts";
import type { HistoryReply } from "./replies.ts";
import type { HistoryRequest } from "./requests.ts";
import { type Answer, type Caller, sessionOf } from "./caller.ts";

/** What answers need. */
export interface AnswersOptions {
  /** The documents. */
  readonly core: DocumentCore;
  /** The owner's rules. */
  readonly rules: Rules;
  /** Answers what is about who is where; `undefined` where presence is not to be had. */
  readonly presence: Answer | undefined;
  /** Answers queries; `undefined` where they are not to be had. */
  readonly queries: Answer | undefined;
}

/** One answer from all. */
export function answers(options: AnswersOptions): Answer {
  const { presence = disabled, queries = unsupported } = options;
  return (request, caller) => {
    switch (request.a) {
      case "nf":
      case "nt":
        return history(options, request, caller);
      case "qf":
      case "qs":
      case "qu":
        return queries(request, caller);
      default:
        return presence(request, caller);
    }
  };
}

async function history(
  { core, rules }: AnswersOptions,
  request: HistoryRequest,
  caller: Caller,
): Promise<HistoryReply> {
  const { a, id, c: collection, d } = request;
  const session = sessionOf(caller);
  await rules.admit({ action: "read", session, collection, id: d, change: undefined });
  const moment = a === "nt"
    ? { atMs: request.ts ?? Number.MAX_SAFE_INTEGER }
    : request.v === null || request.v === undefined
    ? { atMs: Number.MAX_SAFE_INTEGER }
    : { version: request.v };
  const { version, type, data } = await core.history(collection, d, moment);
  const document = { id: d, version, type, data };
  const documents = [document];
  const rejected = await rules.tell({ session, collection, kind: "history", documents });
  const error = rejected.get(d);
  if (error !== undefined) throw error;
  return {
    a,
    id,
    ...numbered(request),
    v: version,
    type: type ?? null,
    ...(document.data === undefined ? {} : { data: document.data }),
    m: null,
  };
}

function disabled(): Promise<never> {
  const message = "Cannot answer as presence must be enabled on this server";
  return Promise.reject(new HoldfastError("ERR_PRESENCE_DISABLED", message));
}

function unsupported(): Promise<never> {
  const message = "Cannot answer as queries must be served here";
  return Promise.reject(new HoldfastError("ERR_NOT_SUPPORTED", message));
}
