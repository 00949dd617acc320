import formatter from '@fragaria/address-formatter';
import { whyNoCountry } from '../core/people/letters/countries.ts';
import { type LetterFormat, letterSheets } from '../core/people/letters/letter-format.ts';
import type { PostalAddress } from '../core/people/person.ts';
import { type Fonts, toPrinted, whyUnprintable } from './letter-fonts.ts';

export interface Post {
  /** ISO 3166 alpha-2 of where the letters are posted. */
  country: string;
  format: LetterFormat;
}

const tidy = (text: string) => toPrinted(text).replaceAll(/\s+/g, ' ').trim();

/**
 * The lines of an address: as they were entered, then place and postcode as the country orders
 * them. Abroad the country comes last, in capitals, in the language of where it is posted.
 */
export function postalLines(address: PostalAddress, { country }: Pick<Post, 'country'>): string[] {
  const own = address.lines.map(tidy).filter(Boolean);
  const code = address.country.toUpperCase();
  const place = placeLines(address, code);
  const abroad = code === country ? [] : [nameOfCountry(code, country).toUpperCase()];
  return [...own, ...place, ...abroad];
}

/** "Washington, DC" is a city and its state. */
function placeLines({ city, postcode }: PostalAddress, countryCode: string): string[] {
  const [, town = tidy(city), state] =
    /^(.+?),\s*([A-Z]{2,3})$/.exec(tidy(city)) ?? ([] as string[]);
  const parts = { city: town, postcode: tidy(postcode), countryCode, ...(state ? { state } : {}) };
  const lines = formatter.format(parts, {
    output: 'array',
    appendCountry: false,
    abbreviate: false,
  });
  return lines.map((line) => tidy(line).replace(/[\s,-]+$/, '')).filter(Boolean);
}

function nameOfCountry(code: string, from: string): string {
  const { language } = new Intl.Locale(`und-${from}`).maximize();
  return new Intl.DisplayNames([language], { type: 'region', fallback: 'code' }).of(code) ?? code;
}

const sizes = [10, 9, 8] as const;

/** The largest size in which every line fits beside the others. */
export const addressSize = (
  lines: readonly string[],
  format: LetterFormat,
  fonts: Fonts,
): number | undefined =>
  sizes.find((size) =>
    lines.every((line) => fonts.widthOf(line, size) <= letterSheets[format].address.width),
  );

/** Why an address cannot be read through the window; undefined: it can. */
export function whyAddressUnfit(
  address: PostalAddress,
  { country, format }: Post,
  fonts: Fonts,
): string | undefined {
  const unknown = whyNoCountry(address.country);
  if (unknown !== undefined) return unknown;
  if (address.lines.filter((line) => tidy(line)).length < 2)
    return 'the postal address needs a name and a street';
  if (!tidy(address.city)) return 'the postal address has no city';
  const lines = postalLines(address, { country });
  const {
    mostLines,
    address: { width },
  } = letterSheets[format];
  if (lines.length > mostLines)
    return `the address has ${lines.length} lines, and the window has room for ${mostLines}`;
  for (const line of lines) {
    const why = whyUnprintable(line, fonts);
    if (why !== undefined) return `the address cannot be printed: ${why}`;
  }
  if (addressSize(lines, format, fonts) !== undefined) return undefined;
  // Reasons are told in the journal, which has no personal data.
  const number = lines.findIndex((line) => fonts.widthOf(line, 8) > width) + 1;
  return `line ${number} of the address is too wide for the window`;
}
