/**
 * Documents beside npm `sharedb` on its own database in memory, in the same process: the server's core by single calls,
 * and whole clients over connections within the process. Each table has a process of its own, so that none finds the
 * heap and the compiled code of another.
 *
 * Contending clients each edit one document as fast as they are acknowledged. ShareDB's server tries again whenever two
 * of them meet; ours has one queue. Where they insert into a list, it grows with every insertion, and costs each side
 * what it copies: so a round is a number of insertions there, the same for both, and not a time.
 *
 * @module
 */

import { fanOut } from "./documents/fan_out.ts";
import { TABLES } from "./documents/tables.ts";
import type { Table } from "./harness.ts";

/** All tables. */
export async function bench(): Promise<readonly Table[]> {
  const tables: Table[] = [];
  for (const at of TABLES.keys()) tables.push(await tableOf(at));
  return [...tables, ...await fanOut()];
}

/** What a process of its own finds. */
async function tableOf(at: number): Promise<Table> {
  const program = new URL("documents/tables.ts", import.meta.url).pathname;
  const args = ["run", "-A", "--no-check", program, String(at)];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
  return JSON.parse(new TextDecoder().decode(stdout).trim());
}
