/**
 * One model as it is served: what its routes share.
 *
 * @module
 */

import { type CodedError, HoldfastError } from "../errors.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { Model, ModelTypes, RecordOf } from "../models/mod.ts";
import type { Access, Call, Route } from "./part.ts";
import { etagOf, preconditionsOf } from "./preconditions.ts";
import { noRight, Refusal } from "./refusal.ts";

export { tokenOf } from "./token.ts";

/** A model under the name that it is served by. */
export interface ModelService {
  /** The name in paths, in `authorize` and in descriptions. */
  readonly name: string;
  /** The model. */
  readonly model: Model<ModelTypes>;
  /** The JSON Schema of what is written, if anybody gives it. */
  readonly schema: () => JsonObject | undefined;
}

/** A record, whatever its model. */
export type AnyRecord = RecordOf<ModelTypes>;

/** What the description of a write says of its headers. */
export const WRITE_HEADERS: Readonly<Record<string, string>> = {
  "If-Match": "The ETag that the record must have",
  "Idempotency-Key": "Names the write: a second one with it answers like the first",
};

/** What a client can do that put a record where none is. */
const CREATION = "PUT replaces what is there; with If-None-Match: * it creates";

/** The schema of what is answered, by reference. */
export function refTo(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

/** A route of a model. */
export function modelRoute(
  { name }: ModelService,
  method: Route["method"],
  path: string,
  about: Route["about"],
  answer: Route["answer"],
): Route {
  const action = method === "GET" ? "read" : "write";
  return { method, path: `/${name}${path}`, access: { resource: name, action }, about, answer };
}

/** The body as an object: a record, or a part of one. */
export async function objectBody({ json }: Call): Promise<JsonObject> {
  const body = await json();
  if (isJsonObject(body)) return body;
  throw new Refusal(422, {
    code: "ERR_INVALID_VALUE",
    members: { errors: [{ pointer: "", detail: "must be an object" }] },
  });
}

/** Refuses an id in a body that its sender may not write: who may write a model need not be allowed every record. */
export async function checkRight({ name }: ModelService, call: Call, id: unknown): Promise<void> {
  if (id === undefined) return;
  if (await call.allows({ resource: name, action: "write", id: String(id) })) return;
  throw noRight(call.subject);
}

/** An answer with a record and its version. */
export function recordAnswer(
  record: AnyRecord,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(record), {
    status,
    headers: {
      "content-type": "application/json",
      "cache-control": "no-cache",
      etag: etagOf(record.$version),
      ...headers,
    },
  });
}

/** The version that a write builds on: `If-Match` says it, else the record's own `$version` in the body. */
export async function wantedVersion(
  { model }: ModelService,
  { request, params, context: { signal } }: Call,
  body: JsonObject = {},
): Promise<string | undefined> {
  const wanted = preconditionsOf(request.headers.get("if-match"));
  if (wanted === undefined) {
    return typeof body.$version === "string" ? body.$version : undefined;
  }
  if (wanted === "*" || wanted.length === 1) return wanted === "*" ? undefined : wanted[0];
  const current = await model.get(params.id ?? "", { signal });
  return wanted.find((version) => version === current?.$version) ?? "";
}

/**
 * Makes a write, and tells its refusal in the words of HTTP: 412 if the headers said what to build on, 409 if not; with
 * what stands there, for who may read it.
 */
export async function written<Value>(
  service: ModelService,
  call: Call,
  write: () => Promise<Value>,
  id: string | number | undefined = call.params.id,
): Promise<Value> {
  try {
    return await write();
  } catch (error) {
    if (HoldfastError.is(error)) throw await refusalOf(service, call, error, id) ?? error;
    throw error;
  }
}

async function refusalOf(
  service: ModelService,
  call: Call,
  error: CodedError,
  id: string | number | undefined,
): Promise<Refusal | undefined> {
  const { headers } = call.request;
  const isConditional = headers.has("if-match") || headers.has("if-none-match");
  const status = isConditional ? 412 : 409;
  const { code } = error;
  switch (code) {
    case "ERR_CONFLICT": {
      const current = "current" in error ? error.current : undefined;
      return new Refusal(status, { code, ...await shownRecord(service, call, current) });
    }
    case "ERR_EXISTS": {
      const current = id === undefined ? undefined : await service.model.get(id);
      return new Refusal(status, { code, ...await shownRecord(service, call, current) });
    }
    case "ERR_NOT_FOUND":
      if (headers.has("if-match")) return new Refusal(412, { code });
      return call.request.method === "PUT"
        ? new Refusal(404, { code, detail: CREATION })
        : undefined;
    case "ERR_UNIQUE":
      return new Refusal(409, { code, members: await takenValue(service, call, error) });
    default:
      return undefined;
  }
}

/** What stands there, for who may read it. */
async function shownRecord({ name }: ModelService, call: Call, current: unknown) {
  if (!isRecord(current) || !await call.allows(reading(name, current.id))) return {};
  // Records are what JSON carries, or answers could not be made of them.
  const record: JsonObject = JSON.parse(JSON.stringify(current));
  return { members: { current: record }, headers: { etag: etagOf(current.$version) } };
}

/** The fields whose value is taken, and by whom, for who may read that. */
async function takenValue(
  { name }: ModelService,
  call: Call,
  error: CodedError,
): Promise<JsonObject> {
  const fields = "fields" in error && Array.isArray(error.fields) ? error.fields.map(String) : [];
  const owner = "owner" in error ? error.owner : undefined;
  const isKnown = typeof owner === "string" || typeof owner === "number";
  return isKnown && await call.allows(reading(name, owner)) ? { fields, owner } : { fields };
}

function reading(resource: string, id: string | number): Access {
  return { resource, action: "read", id: String(id) };
}

function isRecord(value: unknown): value is AnyRecord {
  return typeof value === "object" && value !== null && "$version" in value && "id" in value;
}
