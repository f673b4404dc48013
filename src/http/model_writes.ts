/**
 * Writes of a model's records: create, replace, patch, delete, and several at once.
 *
 * @module
 */

import type { JsonObject } from "../json.ts";
import { batchRoute } from "./model_batch.ts";
import {
  checkRight,
  modelRoute,
  type ModelService,
  objectBody,
  recordAnswer,
  refTo,
  tokenOf,
  wantedVersion,
  WRITE_HEADERS,
  written,
} from "./model_service.ts";
import { mergePatched } from "./merge_patch.ts";
import type { Call, Route } from "./part.ts";
import { problem } from "./problem.ts";
import { Refusal } from "./refusal.ts";

const MERGE_PATCH = "application/merge-patch+json";

/** The routes that write. */
export function writeRoutes(service: ModelService): readonly Route[] {
  const { name } = service;
  const [input, record] = [refTo(name), refTo(`${name}.record`)];
  const { "Idempotency-Key": key = "" } = WRITE_HEADERS;
  const refusals = { 409: ["What stands there"], 422: ["Every issue"] } as const;
  const changed = { 200: ["The record", record], 412: ["It changed"], ...refusals } as const;
  return [
    modelRoute(service, "POST", "", {
      summary: `Create one of ${name}`,
      headers: { "Idempotency-Key": key },
      body: input,
      answers: { 201: ["The record; Location says where", record], ...refusals },
    }, (call) => created(service, call)),
    batchRoute(service),
    modelRoute(service, "PUT", "/{id}", {
      summary: `Replace one of ${name}; create it with If-None-Match: *`,
      headers: { ...WRITE_HEADERS, "If-None-Match": "*: create it, if there is none" },
      body: input,
      answers: { ...changed, 201: ["It was created", record] },
    }, (call) => replaced(service, call)),
    modelRoute(service, "PATCH", "/{id}", {
      summary: `Change fields of one of ${name}`,
      headers: WRITE_HEADERS,
      body: { type: "object" },
      bodyTypes: ["application/json", MERGE_PATCH],
      answers: changed,
    }, (call) => patched(service, call)),
    modelRoute(service, "DELETE", "/{id}", {
      summary: `Delete one of ${name}`,
      headers: WRITE_HEADERS,
      answers: { 204: ["It is gone"], 404: ["None"], 412: ["It changed"] },
    }, (call) => deleted(service, call)),
  ];
}

async function created(service: ModelService, call: Call): Promise<Response> {
  const input = givenId(await objectBody(call));
  await checkRight(service, call, input.id);
  return await createdAs(service, call, input);
}

async function createdAs(
  service: ModelService,
  call: Call,
  input: ReturnType<typeof givenId>,
): Promise<Response> {
  const { basePath, context: { signal } } = call;
  const token = await tokenOf(call);
  const create = () => service.model.create(input, { token, signal });
  const record = await written(service, call, create, input.id);
  const location = `${basePath}/${service.name}/${encodeURIComponent(record.id)}`;
  return recordAnswer(record, 201, { location });
}

async function replaced(service: ModelService, call: Call): Promise<Response> {
  const { request, params: { id = "" }, context: { signal } } = call;
  const body = await objectBody(call);
  checkSameId(body, id);
  if (request.headers.get("if-none-match") === "*") {
    return await createdAs(service, call, { ...body, id });
  }
  const [token, version] = [await tokenOf(call), await wantedVersion(service, call, body)];
  return recordAnswer(
    await written(service, call, () => service.model.replace(id, body, { token, version, signal })),
  );
}

async function patched(service: ModelService, call: Call): Promise<Response> {
  const { request, params: { id = "" }, context: { signal } } = call;
  const body = await objectBody(call);
  checkSameId(body, id);
  const isMerge = request.headers.get("content-type")?.startsWith(MERGE_PATCH) === true;
  const change = isMerge ? (record: object) => mergePatched(record, body) : body;
  const [token, version] = [await tokenOf(call), await wantedVersion(service, call, body)];
  return recordAnswer(
    await written(service, call, () => service.model.patch(id, change, { token, version, signal })),
  );
}

async function deleted(service: ModelService, call: Call): Promise<Response> {
  const { params: { id = "" }, context: { signal } } = call;
  const [token, version] = [await tokenOf(call), await wantedVersion(service, call)];
  const target = version === undefined ? id : { id, $version: version };
  const wasThere = await written(
    service,
    call,
    () => service.model.delete(target, { token, signal }),
  );
  return wasThere ? new Response(null, { status: 204 }) : problem(404, { code: "ERR_NOT_FOUND" });
}

/** An input whose id is one, or is left to the model: Backbone sends `null` and `""` for a model that has none yet. */
function givenId({ id, ...input }: JsonObject): JsonObject & { readonly id?: string | number } {
  return typeof id === "string" || typeof id === "number" ? { ...input, id } : input;
}

function checkSameId({ id }: JsonObject, inPath: string): void {
  if (id === undefined || String(id) === inPath) return;
  throw new Refusal(422, {
    code: "ERR_INVALID_VALUE",
    members: { errors: [{ pointer: "/id", detail: "must be the id of the path" }] },
  });
}
