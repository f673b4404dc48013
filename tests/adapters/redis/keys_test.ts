import { deepStrictEqual, notStrictEqual, strictEqual } from "node:assert/strict";
import { pingChannel, unitPrefix, wakeChannel, wakePattern } from "../../../adapters/redis/keys.ts";

Deno.test("unitPrefix() makes the unit one hash tag, whatever braces its name has", () => {
  strictEqual(unitPrefix("holdfast", "cache", "pages"), "holdfast:{cache:pages}:");
  const names = ["", "a}b", "a{b", "{}", "a%7Db", "ä:b"];
  const prefixes = names.map((name) => unitPrefix("n", "room", name));
  for (const prefix of prefixes) {
    const tag = prefix.slice(prefix.indexOf("{") + 1, prefix.indexOf("}"));
    strictEqual(prefix, `n:{${tag}}:`);
  }
  strictEqual(new Set(prefixes).size, names.length);
});

Deno.test("wakeChannel() gives each channel its own name, which no URL, pattern or line reads anything into", () => {
  const channels = [
    "a",
    "a/b",
    "a,b",
    "a*",
    "a?",
    "[a]",
    "a%41",
    "a~41",
    "a b",
    "ä",
    "\n",
    "🙂",
    ":",
  ];
  const names = channels.map((channel) => wakeChannel("ns", channel));
  strictEqual(new Set(names).size, channels.length);
  for (const name of names) {
    strictEqual(/^[\w.:~-]+$/.test(name), true, name);
    notStrictEqual(name, pingChannel("ns"));
  }
  deepStrictEqual(names.slice(0, 3), ["ns:a", "ns:a~2fb", "ns:a~2cb"]);
  strictEqual(wakePattern("ns"), "ns:*");
});
