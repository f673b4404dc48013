import { deepStrictEqual } from "node:assert/strict";
import type { CDPSession, Page } from "playwright-core";
import { bundleText } from "../../../runtimes/bundle.ts";
import { findRuntimes } from "../../../runtimes/find.ts";
import { launchChromium } from "../../../support/browser.ts";
import { eventually } from "../../../support/eventually.ts";
import { serveTodos, type TodoHub } from "../../../support/sync/todo_hub.ts";

const chromium = (await findRuntimes()).get("chromium");

const HTML = `<!doctype html><title>To do</title>
<input id="new"><button id="all">Toggle all</button><button id="clear">Clear completed</button>
<ul id="list"></ul><p id="status"></p><script src="/page.js"></script>`;

/** The script of the page, as a user's bundler would make it. */
async function pageScript(): Promise<string> {
  const file = await Deno.makeTempFile({ suffix: ".js" });
  try {
    await bundleText(`import "../support/sync/todo_page/page.js";`, file, { format: "iife" });
    return await Deno.readTextFile(file);
  } finally {
    await Deno.remove(file);
  }
}

/** A hub that serves its page as well. */
async function serveTodoPage(): Promise<TodoHub> {
  const script = await pageScript();
  return serveTodos({
    page: ({ url }) => {
      const { pathname } = new URL(url);
      if (pathname === "/") return new Response(HTML, { headers: { "content-type": "text/html" } });
      if (pathname !== "/page.js") return undefined;
      return new Response(script, { headers: { "content-type": "text/javascript" } });
    },
  });
}

/** What a person sees, and does. */
class Tab {
  readonly page: Page;
  #network: CDPSession | undefined;

  constructor(page: Page) {
    this.page = page;
  }

  async items(): Promise<readonly string[]> {
    return await this.page.locator("li").evaluateAll((items: readonly unknown[]) =>
      items.map((item) => (item as { readonly dataset: { readonly text: string } }).dataset.text)
    );
  }

  async shows(...expected: readonly string[]): Promise<void> {
    let items: readonly string[] = [];
    try {
      await eventually("the page shows it", async () => {
        items = await this.items();
        return JSON.stringify(items) === JSON.stringify(expected);
      });
    } catch {
      // Says what it shows instead.
      deepStrictEqual(items, expected);
    }
  }

  async status(text: RegExp): Promise<void> {
    const status = this.page.locator("#status");
    await eventually(`the status is ${text}`, async () => text.test(await status.innerText()));
  }

  async add(text: string): Promise<void> {
    await this.page.locator("#new").fill(text);
    await this.page.locator("#new").press("Enter");
  }

  async toggle(at: number): Promise<void> {
    await this.page.locator("li").nth(at).locator("[type=checkbox]").click();
  }

  async edit(at: number, text: string): Promise<void> {
    const edit = this.page.locator("li").nth(at).locator(".edit");
    await edit.fill(text);
    await edit.press("Enter");
  }

  async offline(isOffline: boolean): Promise<void> {
    // What a session has switched off, only that session switches on again.
    const network = this.#network ??= await this.page.context().newCDPSession(this.page);
    await network.send("Network.enable");
    await network.send("Network.emulateNetworkConditions", {
      offline: isOffline,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: -1,
    });
  }
}

for (const road of ["ws", "http"] as const) {
  Deno.test({
    name: `Two tabs of a browser edit one list over ${road}, one of them taken offline and back` +
      (chromium?.kind === "missing" ? ` (${chromium.reason})` : ""),
    ignore: chromium?.kind !== "found" && Deno.env.get("CI") !== "true",
    // The browser is a process with sockets of its own, which outlive a step of the test.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      await using hub = await serveTodoPage();
      await using browser = await launchChromium(
        chromium?.kind === "found" ? chromium.command[0] : "chromium",
      );
      // Two tabs of one browser: they share a storage.
      const context = await browser.newContext();
      const [one, two] = [new Tab(await context.newPage()), new Tab(await context.newPage())];
      const address = (tab: string) => {
        const url = encodeURIComponent(`${hub.url(road)}?tab=${tab}`);
        return `${hub.url("http").replace("/sync", "/")}?hub=${url}`;
      };
      await Promise.all([one.page.goto(address("one")), two.page.goto(address("two"))]);
      await Promise.all([one.status(/online/), two.status(/online/)]);

      await one.add("milk");
      await two.shows("milk");
      await two.add("bread");
      await one.shows("milk", "bread");
      await two.toggle(0);
      await one.shows("milk (done)", "bread");
      await one.edit(1, "rye bread");
      await two.shows("milk (done)", "rye bread");
      await one.page.locator("#all").click();
      await two.shows("milk (done)", "rye bread (done)");
      await two.page.locator("#all").click();
      await one.shows("milk", "rye bread");

      await two.offline(true);
      // What is open already, the browser leaves open.
      hub.cut(true, "two");
      await two.status(/offline/);
      await two.add("tea");
      await two.toggle(0);
      await two.edit(1, "dark bread");
      await two.shows("milk (done)", "dark bread", "tea");
      await one.add("salt");
      await one.status(/online, 0 wait/);
      await one.edit(0, "oat milk");
      await one.shows("oat milk", "rye bread", "salt");
      hub.cut(false, "two");
      await two.offline(false);
      await two.page.evaluate("back()");
      await two.status(/online, 0 wait/);
      await one.shows("oat milk (done)", "dark bread", "salt", "tea");
      await two.shows("oat milk (done)", "dark bread", "salt", "tea");

      await one.page.locator("#clear").click();
      await two.shows("dark bread", "salt", "tea");
      await two.page.reload();
      await two.shows("dark bread", "salt", "tea");
      deepStrictEqual(
        (await hub.todos.find({})).records.map(({ text }) => text),
        ["dark bread", "salt", "tea"],
      );
    },
  });
}
