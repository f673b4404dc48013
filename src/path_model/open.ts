/**
 * How a path model is made.
 *
 * @module
 */

import { systemClock } from "../clock.ts";
import { report } from "../events.ts";
import type { Connection } from "../documents/client/mod.ts";
import { durationMs } from "../duration.ts";
import { ArgumentError, checkOptions } from "../errors.ts";
import { systemRandom } from "../random.ts";
import { Holds } from "./holds.ts";
import { PathListeners } from "./listeners.ts";
import type { PathModel } from "./face.ts";
import { ModelView } from "./model.ts";
import type { PathModelOptions } from "./options.ts";
import { ModelStore } from "./store.ts";

/** The context of a model that names none. */
export const ROOT_CONTEXT = "root";
const OPTIONS = ["unloadDelay", "fetchOnly", "onError", "clock", "random"];

/**
 * A model over the documents of a connection. Asks nothing of the server yet.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION` for an option that is none, `ERR_INVALID_ARGUMENT` for no connection.
 *
 * @example
 * ```ts
 * import { createDocuments } from "@holdfast/holdfast/documents";
 * import { memory } from "@holdfast/holdfast/memory";
 * import { createPathModel } from "@holdfast/holdfast/path-model";
 * import { deepStrictEqual, strictEqual } from "node:assert/strict";
 *
 * await using documents = createDocuments(memory());
 * await using connection = documents.connect();
 * const model = createPathModel(connection, { unloadDelay: 0 });
 * await model.subscribe("posts.1");
 * const heard: string[] = [];
 * model.on("change", "posts.*.title", (id: string, title: string) => heard.push(`${id}: ${title}`));
 * model.add("posts", { id: "1", tags: [] });
 * model.set("posts.1.title", "Hello");
 * strictEqual(model.at("posts.1").push("tags", "new"), 1);
 * deepStrictEqual(heard, ["1: Hello"]);
 * await model.whenNothingPending();
 * model.close();
 * ```
 */
export function createPathModel(connection: Connection, options: PathModelOptions = {}): PathModel {
  checkOptions("create a path model", options, OPTIONS);
  if (typeof Object(connection).get !== "function") {
    throw new ArgumentError(
      "ERR_INVALID_ARGUMENT",
      "Cannot create a path model as it must be given a connection",
    );
  }
  const { fetchOnly = false, onError = report, unloadDelay = 1_000 } = options;
  const { clock = systemClock(), random = systemRandom() } = options;
  const listeners = new PathListeners();
  const shared = {
    connection,
    store: new ModelStore(connection, listeners),
    listeners,
    holds: new Holds(clock, durationMs(unloadDelay, "unloadDelay")),
    random,
    fetchOnly,
    onError,
    whenNothingPending: () => connection.whenNothingPending(),
  };
  return new ModelView(shared, {
    at: [],
    context: ROOT_CONTEXT,
    passed: {},
    isSilent: false,
    compose: true,
  });
}
