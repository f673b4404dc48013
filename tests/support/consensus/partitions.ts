/**
 * Proxies before nodes, which know who dials: so the way from one node to another can be cut, in one direction or both.
 *
 * @module
 */

/** Decides which ways are cut. */
export type Cuts = (from: string, to: string) => boolean;

/** All ways between the nodes of a test. */
export class Partitions implements AsyncDisposable {
  readonly #listeners: Deno.Listener[] = [];
  readonly #ways = new Set<{ from: string; to: string; close(): void }>();
  readonly #tasks = new Set<Promise<void>>();
  #isCut: Cuts = () => false;

  /** Listens for a node at its URL's port, and passes on to where it really listens. */
  place(url: string, port: number): void {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: Number(new URL(url).port) });
    this.#listeners.push(listener);
    this.#keep(this.#serve(listener, url, port));
  }

  /** From now on these ways are cut, and no others. */
  cut(isCut: Cuts): void {
    this.#isCut = isCut;
    for (const way of [...this.#ways]) if (isCut(way.from, way.to)) way.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const listener of this.#listeners) listener.close();
    for (const way of [...this.#ways]) way.close();
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
  }

  async #serve(listener: Deno.Listener, url: string, port: number): Promise<void> {
    for await (const dialler of listener) this.#keep(this.#pass(dialler, url, port));
  }

  async #pass(dialler: Deno.Conn, to: string, port: number): Promise<void> {
    let node: Deno.Conn | undefined;
    const way = { from: "", to, close: () => [dialler, node].forEach(closeQuietly) };
    this.#ways.add(way);
    try {
      node = await Deno.connect({ hostname: "127.0.0.1", port });
      const back = copy(node, dialler);
      // The dialler's first words say who it is.
      const first = new Uint8Array(16_384);
      const length = await dialler.read(first) ?? 0;
      const said = new TextDecoder().decode(first.subarray(0, length));
      way.from = /"from":"([^"]+)"/.exec(said)?.[1] ?? "";
      if (!this.#isCut(way.from, to)) {
        await writeAll(node, first.subarray(0, length));
        await copy(dialler, node);
      }
      way.close();
      await back;
    } catch {
      // Either side is away, or the way is cut.
    }
    way.close();
    this.#ways.delete(way);
  }

  #keep(task: Promise<void>): void {
    this.#tasks.add(task);
    task.finally(() => this.#tasks.delete(task));
  }
}

async function copy(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const chunk = new Uint8Array(65_536);
  try {
    for (;;) {
      const length = await from.read(chunk);
      if (length === null) break;
      await writeAll(to, chunk.subarray(0, length));
    }
  } catch {
    // Closed by either side.
  }
  closeQuietly(to);
}

async function writeAll(to: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}

function closeQuietly(connection: Deno.Conn | undefined): void {
  try {
    connection?.close();
  } catch {
    // Closed before.
  }
}
