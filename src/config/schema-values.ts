import { z } from 'zod';
import type { Window } from '../core/schedule/cadence.ts';
import { parseClock } from '../core/time.ts';

// Values that several parts of the configuration use.

export const hint = (what: string, todo: string) => `${what} | ${todo}`;

export const secret = z
  .string()
  .min(1, hint('is empty', 'write "${NAME}" and set NAME in the environment or in .env'));

export const address = z
  .url({ protocol: /^https?$/, error: hint('not a URL', 'a URL begins with https://') })
  .transform((url) => url.replace(/\/+$/, ''));

export const window = z
  .string()
  .refine((text) => parseWindow(text) !== undefined, {
    error: hint('not a window', 'write "08:00-12:00"'),
  })
  .describe('Hours of the day: "08:00-12:00"');

/** In minutes of the day. A window over midnight becomes two. */
export function parseWindow(text: string): Window[] | undefined {
  const [from, to, ...rest] = text.split(/\s*[-–]\s*/).map(parseClock);
  if (from === undefined || to === undefined || rest.length || from === to) return undefined;
  return from < to
    ? [{ from, to }]
    : [
        { from: 0, to },
        { from, to: 1440 },
      ].filter((one) => one.from < one.to);
}
