/**
 * The JSON Schema of a model's records: what its library gives, or its user.
 *
 * @module
 */

import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import type { Schema } from "../schema.ts";

/**
 * The JSON Schema of what a schema takes, where its library gives it (Standard JSON Schema 1: zod, arktype); `undefined`
 * elsewhere, and for a schema of what JSON does not carry.
 */
export function jsonSchemaOf(schema: Schema<unknown, unknown>): JsonObject | undefined {
  const standard: object = schema["~standard"];
  if (!("jsonSchema" in standard)) return undefined;
  const { input } = Object(standard.jsonSchema);
  try {
    const given: unknown = input({ target: "draft-2020-12" });
    return isJsonObject(given) ? given : undefined;
  } catch {
    // The library's way to say that JSON Schema has no words for it.
    return undefined;
  }
}

/** The schemas of a model: what is written, and what is read. */
export function modelSchemas(
  name: string,
  schema: JsonObject = { type: "object" },
): Readonly<Record<string, JsonObject>> {
  const { properties, required, $schema: _dialect, ...rest } = schema;
  const own = {
    id: { type: ["string", "number"] },
    $version: { type: "string", description: "The state it was read in; also its ETag" },
    $expiresAt: { type: "integer", description: "Milliseconds since 1970" },
  };
  const record = {
    ...rest,
    properties: { ...Object(properties), ...own },
    required: ["id", "$version", ...(Array.isArray(required) ? required : [])],
  };
  const input = {
    ...rest,
    properties: Object(properties),
    ...(Array.isArray(required) && { required }),
  };
  return {
    [name]: rooted(input, name),
    [`${name}.record`]: rooted(record, `${name}.record`),
  };
}

/** A schema whose references are from the root of the whole document. */
function rooted(schema: JsonObject, name: string): JsonObject {
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, rootedValue(key, value, name)]),
  );
}

function rootedValue(key: string, value: Json, name: string): Json {
  if (key === "$ref" && typeof value === "string" && value.startsWith("#")) {
    return `#/components/schemas/${name}${value.slice(1)}`;
  }
  if (Array.isArray(value)) return value.map((each) => rootedValue("", each, name));
  return isJsonObject(value) ? rooted(value, name) : value;
}
