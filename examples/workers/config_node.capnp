using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [ (name = "atlas", worker = .atlas) ],
  sockets = [ (name = "http", address = "127.0.0.1:8000", http = (), service = "atlas") ]
);

# To use Redis, bind UPSTASH_REDIS_REST_URL and UPSTASH_REDIS_REST_TOKEN here.
# From 2026-08-04 on the modules of Node are there, which the atlas does not need.
const atlas :Workerd.Worker = (
  modules = [ (name = "worker.mjs", esModule = embed "../dist/worker.mjs") ],
  compatibilityDate = "2026-11-01"
);
