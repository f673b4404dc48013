/**
 * Two pages of a real browser that edit one text together.
 *
 * @module
 */

import { strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { memory } from "../../adapters/memory/mod.ts";
import { createDocuments } from "../../src/documents/mod.ts";
import { launchChromium } from "../support/browser.ts";
import { bundleText } from "./bundle.ts";
import { findRuntimes } from "./find.ts";

const chromium = (await findRuntimes()).get("chromium");

/** What a page runs: it keeps what waits in the browser's own storage, and says what it shows. */
const PAGE = `
  import { connectDocuments } from "../../src/documents/client/mod.ts";
  const storage = {
    entries: () => Object.entries({ ...localStorage }),
    set: (name, text) => localStorage.setItem(name, text),
    delete: (name) => localStorage.removeItem(name),
  };
  const connection = connectDocuments(location.href.replace("http", "ws"), { storage, retry: 10 });
  const note = connection.get("notes", "1");
  globalThis.opened = async () => {
    await note.subscribe();
    if (note.data === undefined) await note.create({ text: "" }).catch(() => {});
  };
  globalThis.type = async (word, at) => {
    for (const [step, letter] of [...word].entries()) {
      note.submit([{ p: ["text", Math.min(at + step, note.data.text.length)], si: letter }]);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await note.whenNothingPending();
  };
  globalThis.shown = () => note.data?.text ?? "";
`;

Deno.test({
  name: "two pages type into one text at once, and show the same in the end" +
    (chromium?.kind === "missing" ? ` (${chromium.reason})` : ""),
  ignore: chromium?.kind !== "found" && Deno.env.get("CI") !== "true",
  // The browser is a process with sockets of its own, which outlive a step of the test.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const script = join(folder, "page.js");
    await bundleText(PAGE, script, { format: "iife" });
    const documents = createDocuments(memory());
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => {
        if (request.headers.get("upgrade") !== null) {
          return documents.upgrade(request, () => Deno.upgradeWebSocket(request));
        }
        const headers = { "content-type": "text/html" };
        return new Response("<!doctype html><title>Notes</title>", { headers });
      },
    );
    await using browser = await launchChromium(
      chromium?.kind === "found" ? chromium.command[0] : "chromium",
    );
    const open = async () => {
      // A context for each: a storage belongs to one connection at a time.
      const page = await (await browser.newContext()).newPage();
      await page.goto(`http://127.0.0.1:${server.addr.port}/`);
      await page.addScriptTag({ path: script });
      await page.evaluate("opened()");
      return page;
    };
    const pages = [await open(), await open()];
    const words = ["Holdfast", "together"];
    await Promise.all(pages.map((page, at) => page.evaluate(`type("${words[at]}", 0)`)));
    const length = words.join("").length;
    await Promise.all(pages.map((page) => page.waitForFunction(`shown().length === ${length}`)));
    const [first, second] = await Promise.all(pages.map((page) => page.evaluate("shown()")));
    strictEqual(first, second);
    strictEqual([...String(first)].sort().join(""), [...words.join("")].sort().join(""));
    documents.close();
    await Deno.remove(folder, { recursive: true });
  },
});
