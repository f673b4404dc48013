/**
 * Reads of a model's records: lists, counts, one record, one by a unique value.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import type { FindOptions, Page } from "../models/mod.ts";
import {
  type AnyRecord,
  modelRoute,
  type ModelService,
  recordAnswer,
  refTo,
} from "./model_service.ts";
import { type ModelQuery, modelQuery, PAGE_PARAMETERS, valueOf } from "./model_query.ts";
import type { Call, Route } from "./part.ts";
import { etagOf, preconditionsOf } from "./preconditions.ts";
import { problem } from "./problem.ts";
import { Refusal } from "./refusal.ts";

/** The routes that read. */
export function listRoutes(service: ModelService): readonly Route[] {
  const { name, model: { definition: { plan } } } = service;
  const record = refTo(`${name}.record`);
  const list = { type: "array", items: record };
  const query = { ...filtersOf(service), ...PAGE_PARAMETERS };
  const found = { 200: ["The record", record], 304: ["It is known"], 404: ["None"] } as const;
  return [
    modelRoute(service, "GET", "", {
      summary: `List ${name}`,
      query,
      answers: { 200: ["A page; Link says where the next one is", list] },
    }, (call) => listed(service, call)),
    modelRoute(service, "GET", ":count", {
      summary: `Count ${name}`,
      query: filtersOf(service),
      answers: { 200: ["The number", { type: "object" }] },
    }, (call) => counted(service, call)),
    ...plan.unique.map(({ name: unique, fields }) => {
      const names = fields.map((field, at) => /^\w+$/.test(field) ? field : `value${at}`);
      const path = [`:by/${unique}`, ...names.map((each) => `{${each}}`)].join("/");
      const about = { summary: `The one of ${name} with this ${unique}`, answers: found };
      return modelRoute(service, "GET", path, about, async (call) => {
        const values = fields.map((field, at) =>
          valueOf(service.schema(), field, call.params[names[at] ?? ""] ?? "")
        );
        const { signal } = call.context;
        const wanted = fields.length === 1 ? values[0] : values;
        // What is unique of which type, the model knows itself and checks.
        return told(
          call,
          await service.model.getByUnique(fields.length === 1 ? unique : fields, wanted as never, {
            signal,
          }),
        );
      });
    }),
    modelRoute(service, "GET", "/{id}", {
      summary: `One of ${name}`,
      headers: { "If-None-Match": "The ETag that the client has" },
      answers: found,
    }, async (call) => {
      const { params: { id = "" }, context: { signal } } = call;
      return told(call, await service.model.get(id, { signal }));
    }),
  ];
}

/** A page of records as an answer: an array, and where the next page is. */
export function pageAnswer(
  { request, basePath }: Call,
  path: string,
  { records, cursor }: Page<unknown>,
): Response {
  const headers = new Headers({ "cache-control": "no-cache" });
  if (cursor !== undefined) {
    const query = new URL(request.url).searchParams;
    query.set("cursor", cursor);
    headers.set("link", `<${basePath}${path}?${query}>; rel="next"`);
  }
  return Response.json(records, { headers });
}

/** What a find takes beside its query. */
export function findOptions(
  { limit, cursor, isReverse }: ModelQuery,
  { context: { signal }, report }: Call,
): FindOptions {
  return {
    ...(limit !== undefined && { limit }),
    cursor,
    reverse: isReverse,
    signal,
    // A record that cannot be read is the owner's matter, and no reason to refuse the others.
    onFailure: ({ error }) => report(error),
  };
}

async function listed(service: ModelService, call: Call): Promise<Response> {
  const query = modelQuery(call.query, service.schema());
  const page = await indexed(service, () =>
    // By which fields a model is found, it knows itself and checks.
    service.model.find(query.filter as Record<string, never>, findOptions(query, call)));
  return pageAnswer(call, `/${service.name}`, page);
}

async function counted(service: ModelService, call: Call): Promise<Response> {
  const { filter } = modelQuery(call.query, service.schema());
  const { signal } = call.context;
  const count = await indexed(
    service,
    () => service.model.count(filter as Record<string, never>, { signal }),
  );
  return Response.json({ count }, { headers: { "cache-control": "no-cache" } });
}

/** What a find gives; for a query that no index answers, which ones there are. */
async function indexed<Value>(service: ModelService, find: () => Promise<Value>): Promise<Value> {
  try {
    return await find();
  } catch (error) {
    if (!HoldfastError.is(error, "ERR_INVALID_ARGUMENT")) throw error;
    const names = service.model.definition.plan.index.map(({ name }) => name);
    throw new Refusal(400, {
      code: error.code,
      detail: "Filters must be the first fields of an index, only the last with a range: " +
        `indexes are ${names.join(", ") || "none"}`,
    });
  }
}

function told({ request }: Call, record: AnyRecord | undefined): Response {
  if (record === undefined) return problem(404, { code: "ERR_NOT_FOUND" });
  const known = preconditionsOf(request.headers.get("if-none-match")) ?? [];
  if (known === "*" || known.includes(record.$version)) {
    return new Response(null, { status: 304, headers: { etag: etagOf(record.$version) } });
  }
  return recordAnswer(record);
}

function filtersOf({ model: { definition: { plan } } }: ModelService): Record<string, string> {
  return Object.fromEntries(
    plan.index.flatMap(({ fields }) => fields).map((field) => [
      field,
      `Only those with this value; ${field}:gte and the like for ranges`,
    ]),
  );
}
