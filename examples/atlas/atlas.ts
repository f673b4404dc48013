/**
 * The atlas: countries, their languages and their names, from the data set of the `countries-list` package.
 *
 * @module
 */

import { continents, countries, languages } from "countries-list";

/** A country as its page shows it. */
export interface Country {
  readonly code: string;
  readonly name: string;
  readonly native: string;
  readonly capital: string;
  readonly continent: string;
  readonly currencies: readonly string[];
  readonly languages: readonly string[];
}

/** Every country, in the order of their names. */
export function allCountries(): Country[] {
  return Object.entries(countries)
    .map(([code, { name, native, capital, continent, currency, languages }]) => {
      return { code, name, native, capital, continent, currencies: currency, languages };
    })
    .sort((a, b) => a.name.localeCompare(b.name, "en"));
}

/** The country of a code in capitals. */
export function countryOf(code: string): Country | undefined {
  return allCountries().find((country) => country.code === code);
}

/** Codes and names of the continents. */
export function allContinents(): [code: string, name: string][] {
  return Object.entries(continents);
}

/** A language's English and own name. */
export function languageOf(code: string): { name: string; native: string } | undefined {
  return Object.entries(languages).find(([other]) => other === code)?.[1];
}

/** The countries that share a language with this one. */
export function relatives({ code, languages }: Country): Country[] {
  return allCountries().filter((other) =>
    other.code !== code && other.languages.some((language) => languages.includes(language))
  );
}

/** The countries whose names are most like this one's: a comparison with all the others, which takes a while. */
export function namesakes({ code, name, native }: Country, count: number): Country[] {
  return allCountries()
    .filter((other) => other.code !== code)
    .map((country) => ({
      country,
      distance: Math.min(
        relativeDistance(name, country.name),
        relativeDistance(native, country.native),
      ),
    }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ country }) => country);
}

function relativeDistance(a: string, b: string): number {
  return editDistance(a.toLowerCase(), b.toLowerCase()) / Math.max(a.length, b.length);
}

/** How many letters must be put in, taken out or exchanged (Wagner and Fischer, 1974). */
function editDistance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const exchange = (above[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(exchange, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    above = current;
  }
  return above[b.length] ?? 0;
}
