/**
 * The core with projections: a name of one leads to its collection, and what comes back is cut down to its fields.
 *
 * @module
 */

import type { DocumentCore } from "./core.ts";
import type { Projections } from "./projection.ts";
import { ProjectionView } from "./projection_view.ts";

/** A core that knows projections; the core itself if there are none. */
export function projectedCore(core: DocumentCore, projections: Projections): DocumentCore {
  if (projections.size === 0) return core;
  const views = new Map([...projections].map(([name, projection]) => [
    name,
    new ProjectionView(name, projection),
  ]));
  const projected: DocumentCore = {
    types: core.types,
    read: async (collection, wants, options) => {
      const view = views.get(collection);
      if (view === undefined) return await core.read(collection, wants, options);
      const results = await core.read(view.of, wants, options);
      return results.map((result) => view.read(result));
    },
    submit: async (collection, id, submission, options) => {
      const view = views.get(collection);
      if (view === undefined) return await core.submit(collection, id, submission, options);
      const refusal = view.refusal(submission);
      if (refusal !== undefined) return refusal;
      return view.submitted(await core.submit(view.of, id, view.submission(submission), options));
    },
    enter: (collection, id, submission, submitter) => {
      if (!views.has(collection)) return core.enter(collection, id, submission, submitter);
      projected.submit(collection, id, submission).then(
        (result) => submitter.resolve(result),
        (error) => submitter.reject(error),
      );
    },
    history: async (collection, id, moment, options) => {
      const view = views.get(collection);
      if (view === undefined) return await core.history(collection, id, moment, options);
      return view.snapshot(await core.history(view.of, id, moment, options));
    },
    follow: async (collection, ids, listener, signal) => {
      const view = views.get(collection);
      if (view === undefined) return await core.follow(collection, ids, listener, signal);
      await core.follow(view.of, ids, (event) => listener(view.event(event)), signal);
    },
  };
  return projected;
}
