/**
 * The same nodes on Node as on Deno: one code for both.
 *
 * @module
 */

import { strictEqual } from "node:assert/strict";
import { bundleProgram, hasNode } from "../../support/node.ts";
import { output, runDeno } from "../../support/process.ts";

const PROGRAM = "tests/support/consensus/cluster_program.ts";
const PRINTED = "[1,2]\n[1,2]\n";

Deno.test("tcp() carries a cluster on Deno", async () => {
  const { stdout, stderr } = await runDeno(["run", "-A", "--no-check", PROGRAM]);
  strictEqual(stdout, PRINTED, stderr);
});

Deno.test({
  name: "tcp() carries a cluster on Node",
  ignore: !hasNode(),
  // The bundler keeps a process of its own.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    const file = await Deno.makeTempFile({ suffix: ".mjs" });
    try {
      await bundleProgram(PROGRAM, file);
      strictEqual(await output("node", [file]), PRINTED);
    } finally {
      await Deno.remove(file);
    }
  },
});
