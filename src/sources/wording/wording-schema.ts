import { z } from 'zod';
import { builtIn } from '../../core/people/wording/built-in.ts';
import type { Wording } from '../../core/people/wording/wording.ts';

// Its keys are those of the words that are built in: a text is a text, and what is made with titles
// is a text with {{titles}} in it.

const longest = 2000;
const english = builtIn[0] as Wording;
const { confirmation, inMails, lang: _lang, ...plain } = english;

const variables = /\{\{([^{}\n]*)\}\}/g;

const textWith = (...names: string[]) =>
  z
    .string({ error: 'not a text | write it in the language of the file' })
    .trim()
    .min(1, 'is empty | write it in the language of the file')
    .max(longest, 'is too long | write at most 2000 characters')
    .superRefine((text, context) => {
      const found = [...text.matchAll(variables)].map(([, name = '']) => name.trim());
      for (const name of found)
        if (!names.includes(name)) {
          const known = names.length > 0 ? names.map((one) => `{{${one}}}`).join(', ') : 'none';
          context.addIssue(`there is no {{${name.slice(0, 40)}}} | this text knows ${known}`);
        }
    });

/** One that says nothing without it. */
const textNeeding = (needed: string, ...others: string[]) =>
  textWith(needed, ...others).refine((text) => new RegExp(`\\{\\{ *${needed} *\\}\\}`).test(text), {
    error: `lacks {{${needed}}} | put it where it belongs`,
  });

const shape = Object.fromEntries(
  Object.entries(plain).map(([key, value]) => [
    key,
    typeof value === 'function' ? textNeeding('titles') : textWith(),
  ]),
);

/** A whole language. */
export const wordingFile = z.strictObject({
  ...shape,
  confirmation: z.strictObject({
    subject: textWith('titles'),
    text: textNeeding('link', 'titles', 'when'),
    reason: textWith(),
  }),
  inMails: z.strictObject({ unsubscribe: textWith(), reason: textNeeding('title') }),
});

/** What is said otherwise than it is built in. */
export const partialWording = z.strictObject({
  ...Object.fromEntries(Object.entries(shape).map(([key, one]) => [key, one.optional()])),
  confirmation: wordingFile.shape.confirmation.partial().optional(),
  inMails: wordingFile.shape.inMails.partial().optional(),
});

export const wordingKeysAt = (path: readonly PropertyKey[]): readonly string[] => {
  const [first] = path;
  if (first === 'confirmation') return Object.keys(confirmation);
  return first === 'inMails' ? Object.keys(inMails) : Object.keys(wordingFile.shape);
};
