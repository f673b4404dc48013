/**
 * Runs `deno doc` over every door: `deno run -A npm-build/doc.ts [flags of deno doc…]`.
 *
 * @module
 */

import { readProject } from "./project.ts";

if (import.meta.main) {
  const { root, doors } = await readProject();
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", ...Deno.args, ...doors.values()],
    cwd: root,
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  Deno.exit(code);
}
