import { z } from 'zod';
import { isCountry } from '../../core/people/letters/countries.ts';
import { type LetterFormat, letterFormats } from '../../core/people/letters/letter-format.ts';
import type { BatchTime } from '../../core/people/letters/letter-batch.ts';
import { parseClock, type Weekday, weekdays } from '../../core/time.ts';
import { hint } from '../schema-values.ts';

const batchHint = hint('not a time of the week', 'write "mon 08:00", or "mon, thu 08:00"');

/** `mon 08:00`, `mon, thu 08:00`. */
function toTime(text: string): BatchTime | undefined {
  const [, names = '', clock = ''] = /^([a-z, ]{3,60}?)\s+(\d{1,2}:\d\d)$/i.exec(text.trim()) ?? [];
  const days = names
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  const minutes = parseClock(clock);
  if (minutes === undefined || minutes >= 1440 || days.length === 0) return undefined;
  const isAll = days.every((one) => (weekdays as readonly string[]).includes(one));
  return isAll ? { days: [...new Set(days)] as Weekday[], minutes } : undefined;
}

const countryHint = hint('not a country', 'write its two letters, such as DE');
const senderHint = hint('is missing', 'write your name and address on one line');

export const letters = z.strictObject({
  sender: z
    .string({ error: senderHint })
    .trim()
    .min(1, senderHint)
    .max(120, hint('is too long for one line above the address', 'shorten it'))
    .regex(/^[^\n\r]*$/, hint('has more than one line', 'write it on one, with commas'))
    .describe('Your name and address, on one line above the address of the recipient'),
  country: z
    .string({ error: hint('is missing', 'write the two letters of where you post, such as DE') })
    .regex(/^[A-Za-z]{2}$/, countryHint)
    .refine(isCountry, { error: countryHint })
    .describe('Where the letters are posted: DE. To other countries theirs is added'),
  format: z
    .enum(letterFormats, {
      error: hint('not a format of letters', `use one of ${letterFormats.join(', ')}`),
    })
    .describe('din-b (A4, window of DIN 5008 form B), din-a, or us-10 (US Letter, #10 window)')
    .optional(),
  batch: z
    .string({ error: batchHint })
    .refine((text) => toTime(text) !== undefined, { error: batchHint })
    .describe('When they are put together, in the time zone of the configuration (mon 08:00)')
    .optional(),
});

export interface LettersConfig {
  sender: string;
  country: string;
  format: LetterFormat;
  time: BatchTime;
}

export function toLetters(raw: z.output<typeof letters>): LettersConfig {
  const country = raw.country.toUpperCase();
  return {
    sender: raw.sender,
    country,
    format: raw.format ?? (country === 'US' || country === 'CA' ? 'us-10' : 'din-b'),
    time: toTime(raw.batch ?? '') ?? { days: ['mon'], minutes: 480 },
  };
}
