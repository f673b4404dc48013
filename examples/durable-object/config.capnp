using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [ (name = "rooms", worker = .rooms) ],
  sockets = [ (name = "http", address = "127.0.0.1:8000", http = (), service = "rooms") ]
);

const rooms :Workerd.Worker = (
  modules = [ (name = "rooms.mjs", esModule = embed "../dist/rooms.mjs") ],
  compatibilityDate = "2026-08-03",
  durableObjectNamespaces = [ (className = "Room", uniqueKey = "rooms") ],
  durableObjectStorage = (inMemory = void),
  bindings = [ (name = "rooms", durableObjectNamespace = "Room") ]
);
