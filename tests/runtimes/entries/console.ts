/**
 * The suite for runtimes that run a program: Deno, Node and Bun. Prints the verdicts as one line of JSON.
 *
 * @module
 */

import { judgeAll } from "../case.ts";
import { cases } from "../suite.ts";

// deno-lint-ignore no-console -- how a program answers
console.log(JSON.stringify(await judgeAll(cases)));
