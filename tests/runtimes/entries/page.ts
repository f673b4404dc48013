/**
 * The suite for browsers: a script of a page. Leaves the promise of the verdicts in the page's global scope.
 *
 * @module
 */

import { judgeAll } from "../case.ts";
import { cases } from "../suite.ts";

Object.assign(globalThis, { verdicts: judgeAll(cases) });
