import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Validator } from "@seriousme/openapi-schema-validator";
import { memory } from "../../../adapters/memory/mod.ts";
import { createHandler, serveModels } from "../../../src/http/mod.ts";
import { createModel, defineModel } from "../../../src/models/mod.ts";
import { clientOf } from "../../support/http/client.ts";
import { inMemory, User } from "../../support/models/users.ts";
import { z } from "zod";

Deno.test("createHandler() describes its API in OpenAPI 3.1", async () => {
  const { model } = inMemory(User);
  const Tree = z.object({
    name: z.string(),
    get children() {
      return z.array(Tree);
    },
  });
  const trees = createModel(
    memory(),
    // deno-lint-ignore no-explicit-any -- a recursive schema's own type goes round
    defineModel({ key: "tree", schema: Tree as any, id: "uuid" }),
  );
  const dates = createModel(
    memory(),
    defineModel({ key: "date", schema: z.object({ at: z.date() }) }),
  );
  const part = serveModels({ users: model, trees, dates }, {
    schemas: { dates: { type: "object", properties: { at: { type: "string" } } } },
  });
  const send = clientOf(createHandler([part], { basePath: "/api" }));
  const { body } = await send("GET /api/openapi.json");
  const { valid, errors } = await new Validator().validate(structuredClone(body));
  ok(valid, JSON.stringify(errors));
  deepStrictEqual(body.servers, [{ url: "/api" }]);
  deepStrictEqual(Object.keys(body.paths["/users/{id}"]), [
    "parameters",
    "get",
    "put",
    "patch",
    "delete",
  ]);
  deepStrictEqual(body.components.schemas.users.required, ["email", "name"]);
  strictEqual(body.components.schemas.dates.properties.at.type, "string");
  const ids = Object.values(body.paths as Record<string, Record<string, { operationId?: string }>>)
    .flatMap((path) => Object.values(path).map(({ operationId }) => operationId))
    .filter((id) => id !== undefined);
  strictEqual(new Set(ids).size, ids.length);
  for (const ref of JSON.stringify(body).matchAll(/"\$ref":"#([^"]+)"/g)) {
    const found = (ref[1] ?? "").split("/").slice(1).reduce((at, name) => Object(at)[name], body);
    ok(found !== undefined, ref[1]);
  }
});
