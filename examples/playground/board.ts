/**
 * The board: a model of cards, kept by a sync hub in every window. What the atlas knows of a card's country is written
 * beside it.
 *
 * @module
 */

import { HoldfastError } from "@holdfast/holdfast";
import {
  createModel,
  defineModel,
  type Model,
  type ModelDefinition,
  type ModelsBackend,
} from "@holdfast/holdfast/models";
import { createSync, type SyncBackend, type SyncHub } from "@holdfast/holdfast/sync";
import * as z from "zod";
import { allCountries, languageOf } from "../atlas/atlas.ts";
import { type Card, CARD_MODEL, COLUMNS, SYNC_PATH } from "./wire.ts";

const Cards = defineModel({
  key: "playground-card",
  name: CARD_MODEL,
  schema: z.object({
    title: z.string().trim().min(1).max(60),
    detail: z.string().max(200).default(""),
    column: z.enum(COLUMNS),
    rank: z.number(),
  }),
  hooks: {
    before: ({ fields }) => fields && { ...fields, detail: detailOf(fields.title) },
  },
});

type CardTypes = typeof Cards extends ModelDefinition<infer Types> ? Types : never;

const FIRST_CARDS: readonly Pick<Card, "title" | "column">[] = [
  { title: "Iceland", column: "wish" },
  { title: "Japan", column: "wish" },
  { title: "Uruguay", column: "wish" },
  { title: "Faroe Islands", column: "booked" },
  { title: "Slovenia", column: "booked" },
  { title: "Ireland", column: "been" },
];

/** Makes the board's hub, with a few cards on a board that has none. */
export async function createBoard(backend: ModelsBackend & SyncBackend): Promise<SyncHub> {
  const cards = createModel(backend, Cards);
  await fillWithFirst(cards);
  return createSync(backend, { models: [cards], path: SYNC_PATH });
}

async function fillWithFirst(cards: Model<CardTypes>): Promise<void> {
  if (await cards.count() > 0) return;
  try {
    await cards.batch((batch) => {
      FIRST_CARDS.forEach((card, rank) => batch.create({ id: rank + 1, rank, ...card }));
    });
  } catch (error) {
    // Another process was faster.
    if (!HoldfastError.is(error, "ERR_EXISTS")) throw error;
  }
}

/** What the atlas knows of a title; nothing if it is no country. */
function detailOf(title: string): string {
  const name = title.trim().toLowerCase();
  const country = allCountries().find((each) => each.name.toLowerCase() === name);
  if (country === undefined) return "";
  const { capital, currencies, languages } = country;
  const language = languages.map((code) => languageOf(code)?.name)[0];
  return [capital, language, currencies[0]].filter((part) => part).join(" · ");
}
