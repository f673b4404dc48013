/**
 * The sets of a model's records.
 *
 * @module
 */

import type { Json } from "../json.ts";
import type { Scalar } from "../models/mod.ts";
import { findOptions, pageAnswer } from "./model_lists.ts";
import { modelQuery, PAGE_PARAMETERS, valueOf } from "./model_query.ts";
import { modelRoute, type ModelService, refTo, tokenOf, WRITE_HEADERS } from "./model_service.ts";
import type { Call, Route } from "./part.ts";
import { problem } from "./problem.ts";
import { Refusal } from "./refusal.ts";

const SCALAR = { type: ["string", "number", "boolean"] };
const CHANGED = { 200: ["How many came or went", { type: "object" }] } as const;

/** The routes of all sets that a model declares. */
export function setRoutes(service: ModelService): readonly Route[] {
  return service.model.definition.plan.sets.flatMap((set) => [
    ...wholeSet(service, set),
    ...oneMember(service, set),
  ]);
}

function wholeSet(service: ModelService, set: string): readonly Route[] {
  const path = `/{id}/sets/${set}`;
  const members = { type: "array", items: SCALAR };
  const { "Idempotency-Key": key = "" } = WRITE_HEADERS;
  const about = { headers: { "Idempotency-Key": key }, body: members, answers: CHANGED };
  const { reverse: _reverse, ...paging } = PAGE_PARAMETERS;
  return [
    modelRoute(service, "GET", path, {
      summary: `The ${set} of a record, in order`,
      query: paging,
      answers: { 200: ["A page; Link says where the next one is", members] },
    }, async (call) => {
      const { limit = 100, cursor } = modelQuery(call.query, undefined);
      const { params: { id = "" }, context: { signal } } = call;
      const page = await membersOf(service, set, call).list({ limit, cursor, signal });
      const own = `/${service.name}/${encodeURIComponent(id)}/sets/${encodeURIComponent(set)}`;
      return pageAnswer(call, own, page);
    }),
    modelRoute(
      service,
      "PUT",
      path,
      { ...about, summary: `Replace the ${set} of a record` },
      async (
        call,
      ) => {
        const values = scalarsOf(await call.json());
        return changed(await membersOf(service, set, call).replace(values, await named(call)));
      },
    ),
    modelRoute(service, "POST", path, { ...about, summary: `Add ${set} to a record` }, async (
      call,
    ) => {
      const values = scalarsOf(await call.json());
      return changed(await membersOf(service, set, call).add(values, await named(call)));
    }),
  ];
}

function oneMember(service: ModelService, set: string): readonly Route[] {
  const path = `/{id}/sets/${set}/{value}`;
  const record = refTo(`${service.name}.record`);
  const value = ({ params }: Call) => memberOf(params.value ?? "");
  return [
    modelRoute(service, "GET", path, {
      summary: `Whether the ${set} of a record have a value`,
      answers: { 204: ["They have"], 404: ["They have not"] },
    }, async (call) => {
      const { signal } = call.context;
      const has = await membersOf(service, set, call).has(value(call), { signal });
      return has ? new Response(null, { status: 204 }) : problem(404, { code: "ERR_NOT_FOUND" });
    }),
    modelRoute(service, "PUT", path, { summary: `Add one of ${set}`, answers: CHANGED }, async (
      call,
    ) => changed(await membersOf(service, set, call).add(value(call), await named(call)))),
    modelRoute(
      service,
      "DELETE",
      path,
      {
        summary: `Remove one of ${set}`,
        answers: CHANGED,
      },
      async (call) =>
        changed(await membersOf(service, set, call).remove(value(call), await named(call))),
    ),
    modelRoute(service, "GET", `:with/${set}/{value}`, {
      summary: `Those of ${service.name} whose ${set} have a value`,
      query: PAGE_PARAMETERS,
      answers: { 200: ["A page", { type: "array", items: record }] },
    }, async (call) => {
      const query = modelQuery(call.query, undefined);
      const page = await service.model.memberOf(set, value(call), findOptions(query, call));
      const parts = [`${service.name}:with`, set, call.params.value ?? ""];
      return pageAnswer(call, `/${parts.map(encodeURIComponent).join("/")}`, page);
    }),
  ];
}

function membersOf({ model }: ModelService, set: string, { params: { id = "" } }: Call) {
  return model.members(id, set);
}

async function named(call: Call) {
  return { token: await tokenOf(call), signal: call.context.signal };
}

function changed(count: number): Response {
  return Response.json({ changed: count });
}

function memberOf(text: string): Scalar {
  const value = valueOf(undefined, "", text);
  return isScalar(value) ? value : text;
}

function scalarsOf(body: Json): readonly Scalar[] {
  const values = Array.isArray(body) ? body : [body];
  const misfits = values.flatMap((value, at) => isScalar(value) ? [] : [at]);
  if (misfits.length === 0) return values.filter(isScalar);
  const detail = "must be a text, a number or a boolean";
  throw new Refusal(422, {
    code: "ERR_INVALID_VALUE",
    members: { errors: misfits.map((at) => ({ pointer: `/${at}`, detail })) },
  });
}

function isScalar(value: unknown): value is Scalar {
  return ["string", "number", "boolean"].includes(typeof value);
}
