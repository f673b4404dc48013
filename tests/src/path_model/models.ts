/**
 * Path models on a server in memory.
 *
 * @module
 */

import { memory } from "../../../adapters/memory/mod.ts";
import type { Connection } from "../../../src/documents/client/mod.ts";
import { createDocuments, type DocumentsOptions } from "../../../src/documents/mod.ts";
import { createPathModel, type PathModel } from "../../../src/path_model/mod.ts";
import type { PathModelOptions } from "../../../src/path_model/mod.ts";

/** Two models on one server, each over a connection of its own. */
export interface TwoModels {
  readonly model: PathModel;
  readonly other: PathModel;
  /** That of `model`. */
  readonly connection: Connection;
}

/** Runs with two models on one server. */
export async function withTwo(
  run: (models: TwoModels) => Promise<void> | void,
  options: PathModelOptions = {},
  documentsOptions: DocumentsOptions = {},
): Promise<void> {
  await using documents = createDocuments(memory(), documentsOptions);
  await using connection = documents.connect();
  await using second = documents.connect();
  const model = createPathModel(connection, { unloadDelay: 0, ...options });
  const other = createPathModel(second, { unloadDelay: 0, ...options });
  try {
    await run({ model, other, connection });
  } finally {
    for (const each of [model, other]) {
      await each.whenNothingPending();
      each.close();
    }
  }
}
