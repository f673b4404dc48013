/**
 * The playground as two people meet it: started as a process of its own, in two windows of a real browser.
 *
 * With `UPDATE_SCREENSHOTS=1` the pictures of the README are made anew.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { Page } from "playwright-core";
import { findRuntimes, needing, required } from "../runtimes/find.ts";
import { launchChromium } from "../support/browser.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/process.ts";
import { findRedis } from "../support/redis/binary.ts";
import { GATEWAY_TOKEN, startGateway } from "../support/redis/gateway.ts";
import { startRedis } from "../support/redis/server.ts";
import { photograph } from "./playground_pictures.ts";
import { cardTitles, openWindow, startPlayground, textOf, type Window } from "./playground_page.ts";

const chromium = (await findRuntimes()).get("chromium");
const redis = findRedis();

Deno.test("playground: the page loads nothing from elsewhere, and runs nothing inline", async () => {
  await using playground = await startPlayground();
  const page = await fetch(playground.url);
  const markup = await page.text();
  match(page.headers.get("content-security-policy") ?? "", /default-src 'none'; script-src 'self'/);
  strictEqual(/<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=/.test(markup), false);
  for (const file of ["main.js", "style.css", "icon.svg"]) {
    const response = await fetch(`${playground.url}/playground/${file}`);
    strictEqual(response.status, 200, file);
    const addresses = (await response.text()).match(/https?:\/\/[\w.]+/g) ?? [];
    const known = ["http://www.w3.org", "http://sharejs.org"];
    deepStrictEqual(addresses.filter((address) => !known.includes(address)), [], file);
  }
});

Deno.test("playground: documents are for its own page, and only the two that there are", async () => {
  await using playground = await startPlayground();
  const statusOf = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${playground.url}/playground/${path}`, init);
    await response.body?.cancel();
    return response.status;
  };
  strictEqual(await statusOf("documents/desk/letter"), 401);
  const headers = { "content-type": "application/json" };
  const post = (body: unknown) =>
    statusOf("cluster", { method: "POST", headers, body: JSON.stringify(body) });
  strictEqual(await post({ kind: "kill", node: 6 }), 422);
  strictEqual(await post({ kind: "explode" }), 422);
  strictEqual(await post({ kind: "pause", node: 1 }), 204);
  strictEqual(await statusOf("cluster", { method: "DELETE" }), 405);
});

Deno.test({
  ...needing("playground: two windows", chromium),
  // The browser is a process with sockets of its own, which outlive a step of the test.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async (t) => {
    await using playground = await startPlayground();
    await using browser = await launchChromium(required(chromium).command[0]);
    const ada = await openWindow(browser, playground.url, "Ada");
    const bob = await openWindow(browser, playground.url, "Bob");
    await t.step("know each other", () => knowEachOther(ada, bob));
    await t.step("share a board, also after one was cut off", () => shareBoard(ada, bob));
    await t.step("write one letter, and see each other's cursors", () => shareLetter(ada, bob));
    await t.step("draw one sketch, by pointer and by keys", () => shareSketch(ada, bob));
    await t.step("see a killed leader replaced, and writes go on", () => killLeader(ada, bob));
    await t.step("see what the lease is for", () => stampede(ada));
    await t.step("take no mouse, and name everything", () => useKeys(ada));
    if (Deno.env.get("UPDATE_SCREENSHOTS") === "1") {
      await t.step("are photographed", () => photograph(ada.page, bob.page));
    }
    deepStrictEqual([...ada.errors, ...bob.errors], []);
  },
});

Deno.test({
  name: "playground: two processes on one Redis show the same, and one may begin anew",
  ignore: redis === undefined || needing("", chromium).ignore,
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using server = await startRedis();
    await using gateway = await startGateway(server);
    const env = { UPSTASH_REDIS_REST_URL: gateway.url, UPSTASH_REDIS_REST_TOKEN: GATEWAY_TOKEN };
    await using other = await startPlayground(env);
    const port = freePort();
    const first = await startPlayground(env, port);
    await using browser = await launchChromium(required(chromium).command[0]);
    const ada = await openWindow(browser, first.url, "Ada");
    const bob = await openWindow(browser, other.url, "Bob");
    await addCard(ada.page, "Malta");
    await eventually("the other process shows the card", () => hasCard(bob.page, "Malta"));
    await bob.page.getByRole("textbox", { name: "The letter" }).fill("From the other process");
    await eventually(
      "the letter is the same",
      async () => await textOf(ada.page) === "From the other process",
    );
    await first[Symbol.asyncDispose]();
    await addCard(ada.page, "Fiji");
    await ada.page.getByText(/1 write waiting/).waitFor();
    await using _again = await startPlayground(env, port);
    await eventually("what waited has arrived", () => hasCard(bob.page, "Fiji"));
    await bob.page.getByRole("textbox", { name: "The letter" }).fill("And again");
    await eventually("the letter goes on", async () => await textOf(ada.page) === "And again");
    deepStrictEqual(bob.errors, []);
  },
});

async function knowEachOther(ada: Window, bob: Window): Promise<void> {
  const people = ada.page.getByRole("list", { name: "People here" });
  await people.getByText("Ada (you)").waitFor();
  await people.getByText("Bob").waitFor();
  await bob.page.getByRole("list", { name: "People here" }).getByText("Ada").waitFor();
}

async function addCard(page: Page, title: string): Promise<void> {
  await page.getByRole("combobox", { name: "A place to go" }).fill(title);
  await page.getByRole("button", { name: "Add a card" }).click();
}

async function hasCard(page: Page, title: string): Promise<boolean> {
  return (await cardTitles(page)).includes(title);
}

async function shareBoard(ada: Window, bob: Window): Promise<void> {
  await addCard(ada.page, "Chile");
  const wish = bob.page.getByRole("group", { name: "Wish" });
  await wish.getByRole("textbox", { name: "Title of Chile" }).waitFor();
  await wish.getByText(/^Santiago · Spanish/).waitFor();
  await bob.page.getByRole("button", { name: "Move Chile to Booked" }).click();
  await ada.page.getByRole("group", { name: "Booked" })
    .getByRole("textbox", { name: "Title of Chile" }).waitFor();

  await bob.page.getByRole("button", { name: "Move Japan up" }).click();
  await eventually("Japan is first", async () => (await cardTitles(ada.page))[0] === "Japan");

  const cut = ada.page.getByRole("button", { name: "Cut my connection" });
  await cut.click();
  strictEqual(await cut.getAttribute("aria-pressed"), "true");
  await addCard(ada.page, "Atlantis");
  await ada.page.getByText(/Cut off, 1 write waiting/).waitFor();
  await bob.page.getByRole("button", { name: "Remove Uruguay" }).click();
  await eventually("it is gone there", async () => !await hasCard(bob.page, "Uruguay"));
  ok(await hasCard(ada.page, "Uruguay"));
  ok(!await hasCard(bob.page, "Atlantis"));
  await cut.click();
  await eventually("all is there again", async () => {
    const [mine, theirs] = [await cardTitles(ada.page), await cardTitles(bob.page)];
    return mine.includes("Atlantis") && String(mine) === String(theirs);
  });
  ok(!await hasCard(ada.page, "Uruguay"));
}

async function shareLetter(ada: Window, bob: Window): Promise<void> {
  const [mine, theirs] = [ada, bob].map(({ page }) =>
    page.getByRole("textbox", { name: "The letter" })
  );
  await mine?.fill("one two");
  await eventually("the letter is there", async () => await textOf(bob.page) === "one two");
  await mine?.press("Control+Home");
  await theirs?.press("Control+End");
  await Promise.all([
    mine?.pressSequentially("zero ", { delay: 5 }),
    theirs?.pressSequentially(" three 🌊", { delay: 5 }),
  ]);
  await eventually("both show both", async () => {
    return await textOf(ada.page) === "zero one two three 🌊" &&
      await textOf(bob.page) === "zero one two three 🌊";
  });
  await ada.page.getByText("Bob is in line 1").waitFor();
  await bob.page.getByText("Ada is in line 1").waitFor();
  strictEqual(await ada.page.locator("#letter-cursors .flag").textContent(), "Bob");

  await ada.page.getByRole("button", { name: "Undo in the letter" }).click();
  await eventually("one's own is undone, and nothing else", async () => {
    const text = await textOf(bob.page);
    return !text.includes("zero") && text.includes("three");
  });
}

async function shareSketch(ada: Window, bob: Window): Promise<void> {
  const sketch = ada.page.getByRole("application", { name: "The sketch" });
  await sketch.scrollIntoViewIfNeeded();
  const { x, y } = await sketch.boundingBox() ?? { x: 0, y: 0 };
  await ada.page.mouse.move(x + 40, y + 120);
  await ada.page.mouse.down();
  for (let step = 1; step <= 40; step++) {
    await ada.page.mouse.move(x + 40 + step * 8, y + 120 + 55 * Math.sin(step / 5));
  }
  await bob.page.locator("#sketch .pen", { hasText: "Ada" }).waitFor();
  await ada.page.mouse.up();
  const shapes = (page: Page) =>
    page.locator("#sketch .stroke").evaluateAll((all) => all.map((one) => one.getAttribute("d")));
  const isSame = async (count: number) => {
    const [mine, theirs] = [await shapes(ada.page), await shapes(bob.page)];
    return mine.length === count && String(mine) === String(theirs);
  };
  await eventually("the stroke is the same", () => isSame(1));

  const keys = bob.page.getByRole("application", { name: "The sketch" });
  await keys.focus();
  for (const key of ["Space", "ArrowRight", "ArrowDown", "ArrowDown", "Space"]) {
    await keys.press(key);
  }
  await eventually("a stroke by keys has arrived", () => isSame(2));
  await keys.press("Control+z");
  await eventually("one's own stroke is undone", () => isSame(1));
}

async function killLeader(ada: Window, bob: Window): Promise<void> {
  const { page } = ada;
  const slowest = page.getByRole("radio", { name: "4 times" });
  // What the page was told just before shows the old pace once more.
  await slowest.click();
  await eventually("the pace is shown", () => slowest.isChecked());
  const leader = page.getByRole("button", { name: /^Node \d, leader, term \d+$/ });
  await leader.waitFor();
  const written = async () => Number(/(\d+) writes? acknow/.exec(await stateOf(page))?.[1] ?? 0);
  await eventually("a write is acknowledged", async () => await written() > 0);
  await page.getByRole("radio", { name: "kills it" }).check();
  const name = await leader.getAttribute("aria-label") ?? "";
  const id = /\d/.exec(name)?.[0] ?? "";
  await leader.click();
  const killed = page.getByRole("button", { name: new RegExp(`^Node ${id}, killed`) });
  await killed.waitFor();
  const before = await written();
  await page.getByRole("button", { name: new RegExp(`^Node [^${id}], leader`) }).waitFor();
  await eventually("writes go on", async () => await written() > before + 1);
  await bob.page.getByRole("button", { name: new RegExp(`^Node ${id}, killed`) }).waitFor();

  await page.getByRole("radio", { name: "pauses it" }).check();
  const [followed] = (await page.getByRole("button", { name: /^Node \d, follower/ })
    .first().getAttribute("aria-label") ?? "").split(",");
  await page.getByRole("button", { name: `${followed}, follower` }).click();
  await page.getByRole("button", { name: `${followed}, paused` }).click();
  await page.getByRole("button", { name: `${followed}, follower` }).waitFor();

  const link = page.getByRole("button", { name: "Link between node 1 and node 2, whole" });
  await link.click();
  await page.getByRole("button", { name: "Link between node 1 and node 2, cut" }).waitFor();
  await page.getByRole("button", { name: "Heal everything" }).click();
  await link.waitFor();
  await page.getByRole("button", { name: new RegExp(`^Node ${id}, follower`) }).waitFor();
  const logs = page.getByRole("table", { name: "What each node has on its disk" });
  strictEqual(await logs.getByRole("row").count(), 6);
}

async function stateOf(page: Page): Promise<string> {
  return await page.locator("#cluster-state").textContent() ?? "";
}

async function stampede({ page }: Window): Promise<void> {
  await page.getByRole("button", { name: "Send 500 callers with the lease" }).click();
  await page.locator("#result-with", { hasText: /^500 callers answered, 1 creation,/ }).waitFor();
  await page.getByRole("button", { name: "Send 500 callers without it" }).click();
  const result = page.locator("#result-without", { hasText: /^500 callers answered/ });
  await result.waitFor();
  const creations = Number(/(\d+) creations/.exec(await result.textContent() ?? "")?.[1] ?? 0);
  ok(creations > 5, `${creations} creations`);
  await page.getByRole("img", { name: /^Creations\. lease: 1 in the end; by hand: \d+/ }).waitFor();
  await page.getByRole("img", { name: /^Hit ratio\. lease: 99\.8 % in the end/ }).waitFor();
}

/** Goes through the page by Tab alone, and holds what was met against what there is. */
async function useKeys({ page }: Window): Promise<void> {
  for (const role of ["button", "link", "textbox", "combobox", "radio", "img"] as const) {
    const all = page.getByRole(role);
    strictEqual(await page.getByRole(role, { name: /\S/ }).count(), await all.count(), role);
  }
  await page.evaluate("document.activeElement.blur(), scrollTo(0, 0)");
  const missing = `(() => {
    globalThis.met ??= new Set();
    globalThis.met.add(document.activeElement);
    const all = document.querySelectorAll(
      "a, button:not(:disabled), textarea, input:not([type=radio]), input:checked, [tabindex='0']",
    );
    return [...all].filter((one) => !globalThis.met.has(one)).map((one) => one.outerHTML);
  })()`;
  const count = await page.locator("a, button, input, textarea, [tabindex='0']").count();
  for (let step = 0; step <= count; step++) {
    await page.keyboard.press("Tab");
    await page.evaluate(missing);
  }
  deepStrictEqual(await page.evaluate(missing), []);
}
