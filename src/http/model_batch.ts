/**
 * Several writes of one model, all or none.
 *
 * @module
 */

import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import type { BatchWriter, ModelTypes } from "../models/mod.ts";
import {
  checkRight,
  modelRoute,
  type ModelService,
  tokenOf,
  WRITE_HEADERS,
  written,
} from "./model_service.ts";
import type { Route } from "./part.ts";
import { Refusal } from "./refusal.ts";

/** One write of a batch as its client sends it. */
type Step =
  | { readonly op: "create"; readonly value: JsonObject }
  | {
    readonly op: "replace" | "upsert";
    readonly id: string | number;
    readonly value: JsonObject;
    readonly version: string | undefined;
  }
  | {
    readonly op: "delete";
    readonly id: string | number;
    readonly version: string | undefined;
  };

const STEPS: JsonObject = {
  type: "array",
  maxItems: 1_000,
  items: {
    type: "object",
    required: ["op"],
    properties: {
      op: { enum: ["create", "replace", "upsert", "delete"] },
      id: { type: ["string", "number"] },
      version: { type: "string" },
      value: { type: "object" },
    },
  },
};

/** The route of batches. */
export function batchRoute(service: ModelService): Route {
  return modelRoute(service, "POST", ":batch", {
    summary: `Write several of ${service.name}, all or none`,
    headers: { "Idempotency-Key": WRITE_HEADERS["Idempotency-Key"] ?? "" },
    body: STEPS,
    answers: { 200: ["The records in order; null for deletions", { type: "array" }] },
  }, async (call) => {
    const steps = stepsOf(await call.json());
    for (const step of steps) {
      await checkRight(service, call, step.op === "create" ? step.value.id : step.id);
    }
    const [token, signal] = [await tokenOf(call), call.context.signal];
    const records = await written(
      service,
      call,
      () =>
        service.model.batch((batch) => steps.forEach((step) => add(batch, step)), {
          token,
          signal,
        }),
    );
    return Response.json(records.map((record) => record ?? null));
  });
}

function add(batch: BatchWriter<ModelTypes>, step: Step): void {
  switch (step.op) {
    case "create":
      return batch.create(step.value);
    case "replace":
      return batch.replace(step.id, step.value, { version: step.version });
    case "upsert":
      return batch.upsert({ ...step.value, id: step.id });
    case "delete":
      return batch.delete(
        step.version === undefined ? step.id : { id: step.id, $version: step.version },
      );
  }
}

function stepsOf(body: Json): readonly Step[] {
  if (!Array.isArray(body)) throw misfit("", "must be an array of writes");
  return body.map((step, at) => {
    if (isStep(step)) return step;
    throw misfit(`/${at}`, "must have op create, replace, upsert or delete, with value and id");
  });
}

function isStep(step: unknown): step is Step {
  if (!isJsonObject(step)) return false;
  const { op, id, value, version } = step;
  const hasId = typeof id === "string" || typeof id === "number";
  const hasValue = isJsonObject(value);
  if (version !== undefined && typeof version !== "string") return false;
  switch (op) {
    case "create":
      return hasValue;
    case "replace":
      return hasId && hasValue;
    case "upsert":
      // Whatever is there is replaced: a version would be a promise that nobody keeps.
      return hasId && hasValue && version === undefined;
    default:
      return op === "delete" && hasId;
  }
}

function misfit(pointer: string, detail: string): Refusal {
  return new Refusal(422, {
    code: "ERR_INVALID_VALUE",
    members: { errors: [{ pointer, detail }] },
  });
}
