/**
 * The atlas as Vercel's routing middleware, which runs in its edge runtime in front of every path.
 *
 * @module
 */

import type { Handler } from "@holdfast/holdfast/http";
import { createApp } from "../atlas/app.ts";

// The runtime puts the project's variables there and has nothing else of Node's `process`; by itself it has not even that.
const { process } = globalThis as {
  readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> };
};

const middleware: Handler = createApp(process?.env ?? {}, { isolation: "request" });

export default middleware;
