/**
 * Rooms of notes, each a Durable Object that holds its notes in memory and streams their changes to all its visitors:
 *
 * ```sh
 * deno bundle --platform browser --output examples/dist/rooms.mjs examples/durable-object/worker.ts
 * workerd serve examples/durable-object/config.capnp
 * ```
 *
 * `/rooms/kitchen/notes` are the notes of the kitchen. There is one object of a name in the whole world, so its memory is
 * shared by all who come; it is gone when the object sleeps, so what must last belongs into a store that lasts.
 *
 * @module
 */

import { createHandler, type Handler, serveModels } from "@holdfast/holdfast/http";
import { memory } from "@holdfast/holdfast/memory";
import { createModel, defineModel } from "@holdfast/holdfast/models";
import * as z from "zod";

const Note = defineModel({
  key: "note",
  schema: z.object({ text: z.string().min(1).max(1_000) }),
});

/** A room. All requests to one object share what it holds, promises and streams too: unlike those of a Worker. */
export class Room {
  readonly #notes = createModel(memory(), Note);
  #handler: Handler | undefined;

  /** Answers a request to this room; the first one tells below which path it is. */
  async fetch(request: Request): Promise<Response> {
    this.#handler ??= createHandler([serveModels({ notes: this.#notes })], {
      basePath: pathOf(request),
    });
    return await this.#handler(request);
  }
}

/** The objects of a class, by name. */
interface Rooms {
  idFromName(name: string): unknown;
  get(id: unknown): { fetch(request: Request): Promise<Response> };
}

/** The path of a room; nothing if a request is to none. */
function pathOf({ url }: Request): string {
  return /^(\/rooms\/[\w-]{1,64})\//.exec(new URL(url).pathname)?.[1] ?? "";
}

export default {
  fetch: (request: Request, { rooms }: { readonly rooms: Rooms }): Response | Promise<Response> => {
    const room = pathOf(request);
    if (room === "") return new Response("Rooms are below /rooms/", { status: 404 });
    return rooms.get(rooms.idFromName(room)).fetch(request);
  },
};
