/**
 * The suite for runtimes that call a module's fetch: workerd.
 *
 * @module
 */

import { answer } from "../case.ts";
import { cases } from "../suite.ts";

export default { fetch: (request: Request): Promise<Response> => answer(request, cases) };
