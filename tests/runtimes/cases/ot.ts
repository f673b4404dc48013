/**
 * The types of documents: concurrent operations converge on every runtime.
 *
 * @module
 */

import { json, text } from "../../../src/ot/mod.ts";
import { equal, fails } from "../../contracts/assert.ts";
import type { Case } from "../case.ts";

/** Cases of the types. */
export const otCases: readonly Case[] = [
  {
    name: "text converges, whoever comes first",
    run: () => {
      const [a, b] = [[1, "A🙂"], [{ d: 2 }, "B"]] as const;
      const left = text.apply(text.apply("xyz", a), text.transform(b, a, "right"));
      const right = text.apply(text.apply("xyz", b), text.transform(a, b, "left"));
      equal(left, right);
    },
  },
  {
    name: "json refuses what every object inherits",
    run: async () => {
      const path = ["__proto__", "polluted"];
      await fails("ERR_OP_PATH_FORBIDDEN", () => json.apply({}, [{ p: path, oi: true }]));
      equal("polluted" in {}, false);
    },
  },
];
