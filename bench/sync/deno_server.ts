/**
 * A server of the bench of sync on Deno: `holdfast` or `bare`, on the port that it is given.
 *
 * @module
 */

import { bareText, type Broadcast, commanded, hubInMemory } from "./broadcast.ts";

const [kind = "", port = "0"] = Deno.args;
const sockets = new Set<WebSocket>();
let seq = 0;
let broadcast: Broadcast = () => {
  const text = bareText(++seq);
  for (const socket of sockets) socket.send(text);
};
let connect = (request: Request): Response | Promise<Response> => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onopen = () => void sockets.add(socket);
  socket.onclose = () => void sockets.delete(socket);
  return response;
};
if (kind === "holdfast") {
  const made = hubInMemory();
  broadcast = made.broadcast;
  connect = (request) => made.hub.upgrade(request, () => Deno.upgradeWebSocket(request));
}

Deno.serve({ port: Number(port), hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
  if (request.headers.get("upgrade") === "websocket") return await connect(request);
  return Response.json(await commanded(new URL(request.url).pathname, broadcast));
});
