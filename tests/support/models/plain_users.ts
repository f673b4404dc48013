/**
 * The model of `users.ts` as plainly as it can be written: maps and loops, no keys, no store. What a random run on a
 * real one is held against.
 *
 * @module
 */

import { randomInteger } from "../../../src/random.ts";
import type { Random } from "../../../src/random.ts";
import type { Model, RecordOf } from "../../../src/models/mod.ts";
import { HoldfastError } from "../../../src/errors.ts";
import { deepStrictEqual } from "node:assert/strict";
import type { UserTypes } from "./users.ts";

type User = RecordOf<UserTypes>;
type Fields = UserTypes["fields"];

/** A record as the plain model keeps it. */
export interface PlainUser {
  /** The record as the real model last gave it. */
  record: User;
  /** Its sets. */
  readonly sets: Record<string, Set<number>>;
}

/** The plain model. */
export class PlainUsers {
  /** All records by id. */
  readonly users: Map<number, PlainUser> = new Map();
  /** The highest number that was an id. */
  last = 0;
  /** The last id that was there and is not. */
  readonly gone: User[] = [];

  /** The code of the refusal that a write with these fields must meet, if any. */
  refusal(id: number | undefined, fields: Fields): string | undefined {
    for (const [other, { record }] of this.users) {
      if (other === id) continue;
      if (record.email.toLowerCase() === fields.email.toLowerCase()) return "ERR_UNIQUE";
      const isTeam = typeof record.team === "number" && record.team === fields.team;
      if (isTeam && record.name.toLowerCase() === fields.name.toLowerCase()) return "ERR_UNIQUE";
    }
    return undefined;
  }

  /** Takes over what a write gave. */
  keep(record: User): void {
    this.last = Math.max(this.last, record.id);
    const sets = this.users.get(record.id)?.sets ?? { followers: new Set(), tags: new Set() };
    this.users.set(record.id, { record, sets });
  }

  /** Removes a record. */
  drop(id: number): void {
    const user = this.users.get(id);
    if (user !== undefined) this.gone.push(user.record);
    this.users.delete(id);
  }
}

/** One random operation on both, which must come to the same. */
export async function step(
  model: Model<UserTypes>,
  plain: PlainUsers,
  random: Random,
): Promise<void> {
  const pick = <T>(list: readonly T[]): T | undefined =>
    list[Math.floor(random.float() * list.length)];
  const fields = someFields(random);
  const any = pick([...plain.users.values()]);
  const stale = pick(plain.gone);
  switch (randomInteger(random, 0, 10)) {
    case 0:
    case 1:
      return await creation(model, plain, undefined, fields);
    case 2:
      return await creation(model, plain, randomInteger(random, 0, 30), fields);
    case 3:
      if (any === undefined) return;
      return await written(
        plain,
        any.record.id,
        { ...bare(any.record), ...fields },
        () => model.update(any.record, fields),
      );
    case 4: {
      if (stale === undefined) return;
      const now = plain.users.get(stale.id)?.record;
      const code = now?.$version === stale.$version ? "same" : "ERR_CONFLICT";
      deepStrictEqual(await codeOf(() => model.update(stale, { age: 1 })), code);
      return;
    }
    case 5: {
      const id = randomInteger(random, 0, 30);
      deepStrictEqual(await model.delete(id), plain.users.has(id));
      plain.drop(id);
      return;
    }
    case 6: {
      const id = randomInteger(random, 0, 30);
      return await written(plain, id, fields, () => model.upsert({ ...fields, id }));
    }
    case 7:
      if (any === undefined) return;
      return await members(model, any, random);
    case 8:
      if (any === undefined) return;
      return await written(
        plain,
        any.record.id,
        { ...bare(any.record), age: (any.record.age ?? 0) + 1 },
        () => model.patch(any.record.id, ({ age = 0 }) => ({ age: age + 1 })),
      );
    default:
      return await batch(model, plain, any, fields, someFields(random));
  }
}

/** What the model holds must be what the plain one does. */
export async function compare(model: Model<UserTypes>, plain: PlainUsers): Promise<void> {
  const expected = [...plain.users.values()].map(({ record }) => record)
    .sort((a, b) => a.id - b.id);
  const { records } = await model.find({}, { limit: 1_000 });
  deepStrictEqual(records, expected);
  deepStrictEqual(await model.count(), expected.length);
  for (const { record, sets } of plain.users.values()) {
    const byEmail = await model.getByUnique("email", record.email.toUpperCase());
    deepStrictEqual(byEmail?.id, record.id);
    const { records: followers } = await model.members(record.id, "followers").list();
    deepStrictEqual(new Set(followers), sets.followers);
  }
  const aged = expected.filter(({ age }) => age !== undefined && age >= 2)
    .sort((a, b) => (a.age ?? 0) - (b.age ?? 0) || a.id - b.id);
  const found = await model.find({ age: { gte: 2 } }, { limit: 1_000 });
  deepStrictEqual(found.records, aged);
}

async function creation(
  model: Model<UserTypes>,
  plain: PlainUsers,
  id: number | undefined,
  fields: Fields,
): Promise<void> {
  const isThere = id !== undefined && plain.users.has(id);
  const expected = isThere ? "ERR_EXISTS" : plain.refusal(id, fields);
  const next = id ?? plain.last + 1;
  const code = await codeOf(async () => {
    const record = await model.create({ ...fields, ...(id !== undefined && { id }) });
    deepStrictEqual(bare(record), fields);
    deepStrictEqual(record.id, next);
    plain.keep(record);
  });
  deepStrictEqual(code, expected ?? "same");
}

async function written(
  plain: PlainUsers,
  id: number,
  fields: Fields,
  write: () => Promise<User>,
): Promise<void> {
  const expected = plain.refusal(id, fields) ?? "same";
  const before = plain.users.get(id)?.record;
  const code = await codeOf(async () => {
    const record = await write();
    deepStrictEqual(bare(record), fields);
    if (before !== undefined) plain.gone.push(before);
    plain.keep(record);
  });
  deepStrictEqual(code, expected);
}

async function members(model: Model<UserTypes>, { record, sets }: PlainUser, random: Random) {
  const values = Array.from({ length: 3 }, () => randomInteger(random, 0, 8));
  const followers = model.members(record.id, "followers");
  const isAddition = random.float() < 0.6;
  const before = sets.followers?.size ?? 0;
  const changed = isAddition ? await followers.add(values) : await followers.remove(values);
  for (const value of values) {
    if (isAddition) sets.followers?.add(value);
    else sets.followers?.delete(value);
  }
  deepStrictEqual(changed, Math.abs((sets.followers?.size ?? 0) - before));
}

/** Creates two and removes one, all or none; what is removed gives its values away. */
async function batch(
  model: Model<UserTypes>,
  plain: PlainUsers,
  leaving: PlainUser | undefined,
  first: Fields,
  second: Fields,
): Promise<void> {
  const rest = new PlainUsers();
  rest.last = plain.last;
  for (const { record } of plain.users.values()) if (record !== leaving?.record) rest.keep(record);
  let expected = rest.refusal(undefined, first);
  if (expected === undefined) {
    rest.keep({ ...first, id: plain.last + 1, $version: "" });
    expected = rest.refusal(undefined, second);
  }
  const code = await codeOf(async () => {
    const made = await model.batch((batch) => {
      batch.create(first);
      batch.create(second);
      if (leaving !== undefined) batch.delete(leaving.record);
    });
    if (leaving !== undefined) plain.drop(leaving.record.id);
    for (const record of made) if (record !== undefined) plain.keep(record);
  });
  deepStrictEqual(code, expected ?? "same");
}

function someFields(random: Random): Fields {
  const name = ["Ada", "ada", "Bob", "É", "\u{1f600}", "a\u0000b"][randomInteger(random, 0, 6)] ??
    "";
  const email = `${["a", "A", "b", "c", "d", "e", "f", "g"][randomInteger(random, 0, 8)]}@x.org`;
  return {
    email,
    name,
    ...(random.float() < 0.5 && { team: randomInteger(random, 0, 3) }),
    ...(random.float() < 0.5 && { age: randomInteger(random, -3, 5) / 2 }),
    ...(random.float() < 0.2 && { team: null }),
  };
}

function bare(record: User): Fields {
  const { id: _id, $version: _version, ...fields } = record;
  return fields;
}

async function codeOf(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
    return "same";
  } catch (error) {
    // Refusals are what is compared; anything else is a failure of the test.
    if (HoldfastError.is(error)) return error.code;
    throw error;
  }
}
