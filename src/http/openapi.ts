/**
 * The description of an API, from what its routes say of themselves: OpenAPI 3.1.0.
 *
 * @module
 */

import type { Json, JsonObject } from "../json.ts";
import type { Part, Route } from "./part.ts";

const PROBLEM: JsonObject = {
  type: "object",
  description: "Problem details (RFC 9457)",
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    code: { type: "string" },
    detail: { type: "string" },
  },
  required: ["type", "title", "status"],
};

/** The description of all routes of some parts. */
export function openApi(parts: readonly Part[], basePath: string): JsonObject {
  const paths: Record<string, Record<string, Json>> = {};
  for (const { name, routes = [] } of parts) {
    for (const route of routes) {
      const methods = paths[route.path] ??= parametersOf(route.path);
      methods[route.method.toLowerCase()] = operation(name, route);
    }
  }
  return {
    openapi: "3.1.0",
    info: { title: "API", version: "1" },
    servers: [{ url: basePath || "/" }],
    paths,
    components: {
      schemas: Object.assign({ Problem: PROBLEM }, ...parts.map((part) => part.schemas?.())),
    },
  };
}

function parametersOf(path: string): Record<string, Json> {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  if (names.length === 0) return {};
  return {
    parameters: names.map((name) => parameter("path", name, undefined, true)),
  };
}

function operation(tag: string, { about, method, path }: Route): JsonObject {
  const { summary, query = {}, headers = {}, body, bodyTypes = ["application/json"] } = about;
  const parameters = [
    ...Object.entries(query).map(([name, meaning]) => parameter("query", name, meaning)),
    ...Object.entries(headers).map(([name, meaning]) => parameter("header", name, meaning)),
  ];
  const content = (schema: JsonObject, types: readonly string[]) =>
    Object.fromEntries(types.map((type) => [type, { schema }]));
  return {
    summary,
    tags: [tag],
    operationId: `${method.toLowerCase()}${path.replace(/\W+/g, "_")}`,
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: true, content: content(body, bodyTypes) } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(about.answers).map(([status, [description, schema]]) => [status, {
          description,
          ...(schema && { content: content(schema, [about.answerType ?? "application/json"]) }),
        }]),
      ),
      default: {
        description: "Problem details",
        content: content({ $ref: "#/components/schemas/Problem" }, ["application/problem+json"]),
      },
    },
  };
}

function parameter(
  place: string,
  name: string,
  description: string | undefined,
  required = false,
): JsonObject {
  return {
    name,
    in: place,
    required,
    schema: { type: "string" },
    ...(description && { description }),
  };
}
