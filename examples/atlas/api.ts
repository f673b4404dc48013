/**
 * The atlas as an API: countries to read, postcards to read and write.
 *
 * @module
 */

import { HoldfastError } from "@holdfast/holdfast";
import {
  type AccessRequest,
  type Part,
  type PartFunction,
  serveModels,
} from "@holdfast/holdfast/http";
import {
  createModel,
  defineModel,
  type Model,
  type ModelsBackend,
  type ModelTypes,
} from "@holdfast/holdfast/models";
import * as z from "zod";
import { allCountries, type Country } from "./atlas.ts";

const Countries = defineModel({
  key: "country",
  schema: z.object({
    code: z.string().length(2),
    name: z.string(),
    native: z.string(),
    capital: z.string(),
    continent: z.string().length(2),
    currencies: z.array(z.string()),
    languages: z.array(z.string()),
  }),
  id: ({ code }) => code,
  unique: ["name"],
  index: [["continent", "name"]],
});

const Postcards = defineModel({
  key: "postcard",
  schema: z.object({
    to: z.string().regex(/^[A-Z]{2}$/),
    text: z.string().min(1).max(280),
    from: z.string().max(40).default("a traveller"),
  }),
  index: ["to"],
  sets: ["stamps"],
});

/** Below which path the API is served. */
export const API_PATH = "/api";

/** Everybody may read, and write postcards; countries are as they are. */
export function authorize({ action, resource }: AccessRequest): boolean {
  return action === "read" || resource === "postcards";
}

/** The parts of the API: what fills the atlas before it is first asked, and what serves it. */
export function apiParts(backend: ModelsBackend): [fill: PartFunction, serve: Part] {
  const countries = createModel(backend, Countries);
  const postcards = createModel(backend, Postcards);
  let isFilled = false;
  const fill: PartFunction = async (request, _context, next) => {
    if (!isFilled && new URL(request.url).pathname.startsWith(`${API_PATH}/countries`)) {
      await fillWith(countries, allCountries());
      isFilled = true;
    }
    return await next();
  };
  return [fill, serveModels({ countries, postcards })];
}

/** Whoever is first creates them all; the others find them there. */
async function fillWith(model: Model<ModelTypes>, all: readonly Country[]): Promise<void> {
  try {
    await model.batch((batch) => all.forEach((country) => batch.create(country)));
  } catch (error) {
    if (!HoldfastError.is(error, "ERR_EXISTS")) throw error;
  }
}
