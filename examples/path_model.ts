/**
 * A list of tasks that two people edit, by paths: what a page holds, hears and lets go of.
 *
 * @module
 */

import { createDocuments } from "@holdfast/holdfast/documents";
import { memory } from "@holdfast/holdfast/memory";
import { createPathModel } from "@holdfast/holdfast/path-model";

/** What happened on Ada's page, in order. */
export async function editTasks(): Promise<readonly string[]> {
  await using documents = createDocuments(memory());
  await using connectionOfAda = documents.connect();
  await using connectionOfBob = documents.connect();
  const ada = createPathModel(connectionOfAda);
  const bob = createPathModel(connectionOfBob);
  const seen: string[] = [];

  // Ada's page holds what it shows: all open tasks, and the two of them follow each other's edits.
  const page = ada.context("page");
  const open = page.query("tasks", { done: false, $sort: { title: 1 } });
  await page.subscribe(open);
  ada.on("change", "tasks.*.title", (id: string, title: string) => seen.push(`${id} is ${title}`));
  open.refIds("_page.open");

  await bob.promised.add("tasks", { id: "milk", title: "Buy milk", done: false, notes: [] });
  await heard(() => ada.get("tasks.milk") !== undefined);
  await bob.promised.set("tasks.milk.title", "Buy oat milk");
  await heard(() => seen.length > 0);

  // Her edits show at once; the promise waits for the server.
  const task = ada.at("tasks.milk");
  seen.push(`${task.push("notes", "two of them")} note`);
  await task.promised.set("done", true);
  await heard(() => ada.get("_page.open.0") === undefined);
  seen.push(`${open.getIds().length} open`);

  // Who leaves the page lets go of all that it held.
  page.unload();
  for (const model of [ada, bob]) {
    await model.whenNothingPending();
    model.close();
  }
  return seen;

  /** Resolves once something holds on Ada's page; a change that it could follow from is heard. */
  function heard(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const end = ada.on("all", "**", () => check());
      const check = (): void => {
        if (!holds()) return;
        end();
        resolve();
      };
      check();
    });
  }
}
