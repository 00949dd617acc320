import { z } from 'zod';
import { parseWindow } from '../core/schedule/cadence.ts';
import { byNetwork, networkNames } from '../core/network/network.ts';
import { traitsOf } from '../core/network/traits-of.ts';

// Values that several parts of the configuration use.

export const hint = (what: string, todo: string) => `${what} | ${todo}`;

export const secret = z
  .string()
  .min(1, hint('is empty', 'write "${NAME}" and set NAME in the environment or in .env'));

/** As it stands in the journal, after `agent:`. */
export const agentName = /^[a-z0-9][a-z0-9_-]{0,39}$/;

export const address = z
  .url({ protocol: /^https?$/, error: hint('not a URL', 'a URL begins with https://') })
  .transform((url) => url.replace(/\/+$/, ''));

export const window = z
  .string()
  .refine((text) => parseWindow(text) !== undefined, {
    error: hint('not a window', 'write "08:00-12:00"'),
  })
  .describe('Hours of the day: "08:00-12:00"');

const personName = z
  .string()
  .regex(/^[^@{}\n]*[^@{}\s][^@{}\n]*$/, hint('not a name', 'write it without @ and braces'));

/** Who `{{@name}}` addresses on each network. */
export const person = z.strictObject({
  name: personName.describe('Where the person has no address (the key)').optional(),
  ...byNetwork((network) => {
    const { example, isAddress } = traitsOf(network).mentions;
    const wrong = hint(`not an address on ${networkNames[network]}`, `write "${example}"`);
    return z
      .string({ error: wrong })
      .transform((written) => (written.startsWith('@') ? written : `@${written}`))
      .refine(isAddress, { error: wrong })
      .describe(`The address on ${networkNames[network]}, such as ${example}`)
      .optional();
  }),
});

/** The key of a person: what stands in `{{@name}}`. */
export const personKey = z
  .string()
  .regex(
    /^[\p{L}\p{N}_](?:[\p{L}\p{M}\p{N}_ .-]*[\p{L}\p{M}\p{N}_.])?$/u,
    hint('not a name', 'use letters, digits, blanks, . - and _'),
  );
