/**
 * Documents over HTTP: sockets for those who edit together, and single calls for everybody else.
 *
 * @module
 */

import { ArgumentError, checkOptions, HoldfastError, shown } from "../errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import type { DocumentSubmission, ServedDocuments } from "./document_face.ts";
import { documentEvents, told } from "./document_events.ts";
import { eventStream } from "./event_stream.ts";
import type { Call, Part, Route } from "./part.ts";
import { etagOf, preconditionsOf } from "./preconditions.ts";
import { problem } from "./problem.ts";
import { Refusal } from "./refusal.ts";
import { tokenOf } from "./token.ts";

/** Options of {@linkcode serveDocuments}. */
export interface ServeDocumentsOptions {
  /** Where they are, below the handler's base path; `"/documents"` by default. */
  readonly path?: string;
}

/**
 * Serves documents:
 *
 * - `GET /documents` as a WebSocket, where the handler has an `upgrade`: the protocol of the documents' own clients, under
 *   the rules that the documents have for connections.
 * - `GET /documents/{collection}/{id}` a document; with `?version=7` or `?at=1700000000000` what it was.
 * - `POST /documents/{collection}/{id}` an operation: `{ "op": … }`, `{ "create": { "type", "data" } }` or
 *   `{ "del": true }`, with the `version` and `epoch` it was made for, past which it is led. One with an
 *   `Idempotency-Key` that is sent again is not committed again.
 * - `GET /documents/{collection}/{id}/events` the document, and then its operations as they come, as server-sent events:
 *   `snapshot` and `op`. An event's id is the epoch and version to which it leads; who comes back with the present one
 *   gets no snapshot.
 *
 * All of it is asked of the handler's `authorize`: the single calls with the collection as the resource; the socket, by
 * which any collection may be written, once, as a write of the resource `"*"`. What is done by the socket is then the
 * affair of the documents' own `authorize`.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if they are none, `ERR_INVALID_OPTION` for a path that is none.
 */
export function serveDocuments(
  documents: ServedDocuments,
  options: ServeDocumentsOptions = {},
): Part {
  checkOptions("serve documents", options, ["path"]);
  const { path = "/documents" } = options;
  if (typeof documents?.submit !== "function") {
    throw new ArgumentError(
      "ERR_INVALID_ARGUMENT",
      `Cannot serve documents as they must be what createDocuments made: it is ${shown(documents)}`,
    );
  }
  if (typeof path !== "string" || !/^(\/[\w.~-]+)+$/.test(path)) {
    throw new ArgumentError(
      "ERR_INVALID_OPTION",
      `Cannot serve documents as path must be one such as "/docs": current value is ${shown(path)}`,
    );
  }
  return { name: "documents", routes: routesOf(documents, path) };
}

/** What `authorize` is asked of a socket: it reaches every collection. */
const SOCKET = "*";

function routesOf(documents: ServedDocuments, path: string): readonly Route[] {
  const one = `${path}/{collection}/{id}`;
  const access = (action: "read" | "write"): Route["access"] => ({ collection = "" }) => ({
    resource: collection,
    action,
  });
  const read = { method: "GET", access: access("read") } as const;
  return [
    {
      method: "GET",
      path,
      access: { resource: SOCKET, action: "write" },
      about: { summary: "Edit documents over a WebSocket", answers: { 101: ["A socket"] } },
      answer: ({ request, upgrade }) => documents.upgrade(request, () => upgrade()),
    },
    {
      ...read,
      path: one,
      about: {
        summary: "A document",
        query: { version: "What it was at this version", at: "What it was then, in milliseconds" },
        headers: { "If-None-Match": "The ETag that the client has" },
        answers: { 200: ["The document", { type: "object" }], 304: ["It is known"] },
      },
      answer: (call) => fetched(documents, call),
    },
    {
      method: "POST",
      path: one,
      access: access("write"),
      about: {
        summary: "Commit an operation",
        headers: { "Idempotency-Key": "Names the operation: it is committed once" },
        body: SUBMISSION,
        answers: { 200: ["Where it was committed", { type: "object" }] },
      },
      answer: (call) => submitted(documents, call),
    },
    {
      ...read,
      path: `${one}/events`,
      about: {
        summary: "A document and its operations as they come, as server-sent events",
        headers: { "Last-Event-ID": "The last id that was seen" },
        answers: { 200: ["snapshot and op", { type: "string" }] },
        answerType: "text/event-stream",
      },
      answer: (call) => eventStream(call, (signal) => documentEvents(documents, call, signal)),
    },
  ];
}

const SUBMISSION: JsonObject = {
  type: "object",
  properties: {
    op: {},
    create: { type: "object", properties: { type: { type: "string" }, data: {} } },
    del: { const: true },
    version: { type: "integer", minimum: 0 },
    epoch: { type: "string" },
  },
};

/** The statuses of what only documents refuse. */
const STATUS_OF: Readonly<Record<string, number>> = {
  ERR_DOC_ALREADY_CREATED: 409,
  ERR_DOC_DOES_NOT_EXIST: 404,
  ERR_DOC_EPOCH: 409,
  ERR_DOC_WAS_DELETED: 404,
  ERR_MAX_SUBMIT_RETRIES_EXCEEDED: 503,
  ERR_OPS_TRIMMED: 410,
  ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT: 409,
  ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND: 409,
};

async function fetched(documents: ServedDocuments, call: Call): Promise<Response> {
  const { params: { collection = "", id = "" }, context: { signal }, request } = call;
  const moment = momentOf(call);
  const snapshot = await refusing(() =>
    moment === undefined
      ? documents.fetch(collection, id, { signal })
      : documents.history(collection, id, moment, { signal })
  );
  if (snapshot.type === undefined) return problem(404, { code: "ERR_NOT_FOUND" });
  const version = `${snapshot.epoch}.${snapshot.version}.${snapshot.tag}`;
  const headers = { etag: etagOf(version), "cache-control": "no-cache" };
  const known = preconditionsOf(request.headers.get("if-none-match")) ?? [];
  if (known === "*" || known.includes(version)) return new Response(null, { status: 304, headers });
  return Response.json(told(snapshot), { headers });
}

function momentOf(
  { query }: Call,
): { readonly version: number } | { readonly at: number } | undefined {
  const [version, at] = [query.get("version"), query.get("at")];
  for (const text of [version, at]) {
    if (text === null || /^(0|[1-9]\d{0,15})$/.test(text)) continue;
    throw new Refusal(400, { detail: "version and at must be whole numbers of at least 0" });
  }
  if (version !== null) return { version: Number(version) };
  return at === null ? undefined : { at: Number(at) };
}

async function submitted(documents: ServedDocuments, call: Call): Promise<Response> {
  const { params: { collection = "", id = "" }, context: { signal }, request } = call;
  if (request.headers.has("if-match")) {
    throw new Refusal(400, {
      detail: "An operation says its version in the body, not by If-Match",
    });
  }
  const [submission, token] = [submissionOf(await call.json()), await tokenOf(call)];
  const named = token === undefined ? {} : { source: token, sequence: 1 };
  const { version, epoch, isDuplicate } = await refusing(() =>
    documents.submit(collection, id, { ...submission, ...named }, { signal })
  );
  return Response.json({ version, epoch, isDuplicate });
}

function submissionOf(body: Json): DocumentSubmission {
  const { op, create, del, version, epoch } = isJsonObject(body) ? body : {};
  const kinds = [op, create, del].filter((kind) => kind !== undefined).length;
  const isNumber = version === undefined || Number.isSafeInteger(version);
  const isText = epoch === undefined || typeof epoch === "string";
  const isCreate = create === undefined || isJsonObject(create);
  if (kinds !== 1 || !isNumber || !isText || !isCreate || (del !== undefined && del !== true)) {
    const detail = "must have one of op, create and del, and may have version and epoch";
    throw new Refusal(422, {
      code: "ERR_INVALID_VALUE",
      members: { errors: [{ pointer: "", detail }] },
    });
  }
  return {
    ...(op !== undefined && { op }),
    ...(create !== undefined && { create }),
    ...(del === true && { del }),
    ...(typeof version === "number" && { version }),
    ...(typeof epoch === "string" && { epoch }),
  };
}

/** What the work gives; what only documents refuse, in the words of HTTP. */
async function refusing<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (!HoldfastError.is(error)) throw error;
    const { code } = error;
    const status = STATUS_OF[code];
    throw status === undefined ? error : new Refusal(status, { code });
  }
}
