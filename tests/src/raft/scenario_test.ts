/** Replays the recorded scenarios. `UPDATE=1 deno test …` records what is seen; read the difference before you keep it. */

import { strictEqual } from "node:assert/strict";
import { replay } from "./scenario.ts";

const folder = new URL("./scenarios/", import.meta.url);
const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

for (const name of names) {
  Deno.test(`Scenario ${name.replace(".txt", "").replaceAll("_", " ")}`, () => {
    const file = new URL(name, folder);
    const recorded = Deno.readTextFileSync(file);
    const seen = replay(recorded);
    if (Deno.env.get("UPDATE") === "1") Deno.writeTextFileSync(file, seen);
    else strictEqual(seen, recorded);
  });
}

Deno.test("replay() notices what was not recorded", () => {
  const wrong = "cluster n1 n2 n3\n----\n(nothing)\n\ntick n1 10\n----\nn1 is leader in term 1\n";
  strictEqual(replay(wrong).includes("n1 is preCandidate in term 1"), true);
});
