/**
 * The handler beside Hono: the same model behind both, and a route that touches no store.
 *
 * Everything is in one process, from `Request` to `Response`, so what is measured is what a router and its guards cost.
 *
 * @module
 */

import { Hono } from "hono";
import { memory } from "../adapters/memory/mod.ts";
import { createHandler, type Part, serveModels } from "../src/http/mod.ts";
import { createModel, defineModel } from "../src/models/mod.ts";
import { z } from "zod";
import { compare, peer, type Table } from "./harness.ts";

const RECORDS = 1_000;
const JSON_HEADERS = { "content-type": "application/json" };

const Item = defineModel({
  key: "item",
  schema: z.object({ name: z.string(), price: z.number() }),
  index: ["price"],
});

/** Measures reads, writes and the bare dispatch. */
export async function bench(): Promise<readonly Table[]> {
  const [ours, theirs] = [createModel(memory(), Item), createModel(memory(), Item)];
  for (let price = 1; price <= RECORDS; price++) {
    await Promise.all([ours, theirs].map((model) => model.create({ name: "item", price })));
  }
  const hello: Part = {
    name: "hello",
    routes: [{
      method: "GET",
      path: "/hello/{name}",
      access: undefined,
      about: { summary: "hello", answers: {} },
      answer: ({ params }) => Response.json({ hello: params.name }),
    }],
  };
  const handler = createHandler([serveModels({ items: ours }), hello]);
  const hono = new Hono()
    .get("/hello/:name", (c) => c.json({ hello: c.req.param("name") }))
    .get("/items/:id", async (c) => {
      const record = await theirs.get(Number(c.req.param("id")));
      return record === undefined ? c.notFound() : c.json(record);
    })
    .post("/items", async (c) => c.json(await theirs.create(await c.req.json()), 201));
  const [holdfast, other] = ["Holdfast", peer("hono")];
  const get = (path: string) => new Request(`http://localhost${path}`);
  const post = (price: number) =>
    new Request("http://localhost/items", {
      method: "POST",
      headers: JSON_HEADERS,
      body: JSON.stringify({ name: "item", price }),
    });
  return [
    await compare("A route that touches no store", {
      [holdfast]: (at) => handler(get(`/hello/${at}`)),
      [other]: (at) => hono.fetch(get(`/hello/${at}`)),
    }),
    await compare("A record of 1,000 by its id", {
      [holdfast]: (at) => handler(get(`/items/${at % RECORDS + 1}`)),
      [other]: (at) => hono.fetch(get(`/items/${at % RECORDS + 1}`)),
    }),
    await compare("A record created", {
      [holdfast]: (at) => handler(post(at)),
      [other]: (at) => hono.fetch(post(at)),
    }),
  ];
}
