import { deepStrictEqual } from "node:assert/strict";
import { editTasks } from "../../examples/path_model.ts";

Deno.test("the example of the path model shows what two people do", async () => {
  deepStrictEqual(await editTasks(), ["milk is Buy oat milk", "1 note", "0 open"]);
});
