/**
 * What every cache store must keep, whatever it keeps it in.
 *
 * @module
 */

import type { CacheStore } from "../../src/cache/port.ts";
import { testEpochs } from "./cache_store/epochs.ts";
import { testHashes } from "./cache_store/hashes.ts";
import { testLeases } from "./cache_store/leases.ts";
import { testRaw } from "./cache_store/raw.ts";
import { testReading } from "./cache_store/reading.ts";
import { testSettling } from "./cache_store/settling.ts";
import type { On } from "./cache_store/tools.ts";
import { testWriting } from "./cache_store/writing.ts";
import type { OpenBench, TestFunction } from "./harness.ts";

/**
 * Registers the tests that a driver of {@linkcode CacheStore} must pass.
 *
 * Epochs, leases and records are told apart by what they do: no test looks at how a driver keeps them.
 */
export function testCacheStore(test: TestFunction, open: OpenBench<CacheStore>): void {
  const on: On = (what, run) => {
    test(`CacheStore.${what}`, async () => {
      await using bench = await open();
      await run(bench);
    });
  };
  testReading(on);
  testLeases(on);
  testSettling(on);
  testWriting(on);
  testEpochs(on);
  testHashes(on);
  testRaw(on);
}
