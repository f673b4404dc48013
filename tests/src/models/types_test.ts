import {
  createModel,
  defineModel,
  type InferCreate,
  type InferId,
  type InferRecord,
} from "../../../src/models/mod.ts";
import { memory } from "../../../adapters/memory/mod.ts";
import { z } from "zod";

// What is wrong here is wrong at compile time: `deno check` fails if one of the expected errors is none.

const schema = z.object({
  email: z.string(),
  name: z.string().default("?"),
  team: z.number().optional(),
  age: z.number(),
  tags: z.array(z.string()).optional(),
});
const User = defineModel({
  key: "user",
  schema,
  unique: ["email", ["team", "name"], { field: "name", fold: "exact" }],
  index: ["age", ["team", "age"]],
  scopes: ["team"],
  sets: ["followers"],
});
const Note = defineModel({ key: "note", schema: z.object({ text: z.string() }), id: "uuid" });

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;
function holds<Claim extends true>(..._claim: Claim[]): void {}

Deno.test("InferCreate, InferRecord and InferId are worked out from the definition", () => {
  holds<Same<InferId<typeof User>, number>>();
  holds<Same<InferId<typeof Note>, string>>();
  holds<Same<InferRecord<typeof User>["name"], string>>();
  holds<Same<InferRecord<typeof User>["team"], number | undefined>>();
  holds<Same<InferRecord<typeof User>["$version"], string>>();
  const input: InferCreate<typeof User> = { email: "a", age: 1 };
  // @ts-expect-error age is missing
  const less: InferCreate<typeof User> = { email: "a" };
  // @ts-expect-error ids are numbers
  const odd: InferCreate<typeof User> = { email: "a", age: 1, id: "1" };
  void [input, less, odd];
});

Deno.test("defineModel() takes fields of the schema that hold scalars", () => {
  const define = () => {
    // @ts-expect-error no such field
    defineModel({ key: "k", schema, unique: ["mail"] });
    // @ts-expect-error a list cannot be indexed
    defineModel({ key: "k", schema, index: ["tags"] });
    // @ts-expect-error no such field
    defineModel({ key: "k", schema, scopes: ["group"] });
    // @ts-expect-error the schema takes text and gives numbers, so it refuses its own output
    defineModel({ key: "k", schema: z.object({ n: z.string().transform(Number) }) });
  };
  void define;
});

Deno.test("Model.find() takes declared indexes from their first field on", () => {
  const users = createModel(memory(), User);
  const calls = () => {
    void users.find({});
    void users.find({ age: 3 });
    void users.find({ age: { gte: 1 } });
    void users.find({ team: 1 });
    void users.find({ team: 1, age: { lt: 3 } });
    // @ts-expect-error name has no index
    void users.find({ name: "x" });
    // @ts-expect-error ages are numbers
    void users.find({ age: "3" });
    void users.getByUnique("email", "x");
    void users.getByUnique(["team", "name"], [1, "x"]);
    // @ts-expect-error age is not unique
    void users.getByUnique("age", 3);
    // @ts-expect-error the team is a number
    void users.getByUnique(["team", "name"], ["1", "x"]);
    // @ts-expect-error no such set
    users.members(1, "fans");
    // @ts-expect-error ids are numbers
    void users.get("1");
  };
  void calls;
});
