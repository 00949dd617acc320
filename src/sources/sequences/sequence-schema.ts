import { z } from 'zod';
import type { Complaint } from '../../core/condition/tokens.ts';
import { parsePersonCondition } from '../../core/people/condition/parse-person-condition.ts';
import type { PersonCondition } from '../../core/people/condition/person-condition.ts';
import { media } from '../../core/people/person.ts';
import { parseWindow } from '../../core/schedule/cadence.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { parseDuration, weekdays } from '../../core/time.ts';

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
/** One alone needs no brackets. */
const list = <T extends z.ZodType>(item: T, error?: string) =>
  z.preprocess(
    (value) => (value === undefined || Array.isArray(value) ? value : [value]),
    z.array(item, pickDefined({ error })).min(1),
  );

const duration = z
  .union([z.string(), z.literal(0)])
  .transform((value) => (value === 0 || value === '0' ? 0 : parseDuration(value)))
  .refine((value) => value !== undefined, {
    error: 'not a duration | write it as 90m, 4h or 2d',
  })
  .transform((value) => value ?? 0);

const condition = z.string().transform((written, context): PersonCondition => {
  const parsed = parsePersonCondition(written);
  if ('condition' in parsed) return parsed.condition;
  context.addIssue({ code: 'custom', message: tellComplaint(parsed.complaint) });
  return z.NEVER;
});

const tellComplaint = ({ column, what, hint }: Complaint) =>
  `cannot be read at character ${column + 1}: ${what} | ${hint}`;

const word = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}_-]*$/u, 'not a word | write one word, such as GUIDE');
const name = z.string().regex(/^[a-z0-9][a-z0-9._-]*$/i, 'not a name | such as newsletter');
const couponName = z.string().regex(/^[a-z0-9][a-z0-9._-]*$/i, 'not a name | such as spring');
const by = list(z.enum(media));

const oneStart = 'needs one of form, reply and event | write form: newsletter';
const start = z
  .strictObject(
    {
      form: name.optional(),
      reply: word.optional(),
      event: name.optional(),
      wait: duration.optional(),
    },
    { error: ({ code }) => (code === 'invalid_type' ? oneStart : undefined) },
  )
  .refine(({ form, reply, event }) => [form, reply, event].filter(Boolean).length === 1, {
    error: oneStart,
  });

const again = z.string().transform((written, context): 'never' | number => {
  const after = written === '0' ? 0 : parseDuration(written);
  if (written === 'never' || after !== undefined) return after ?? 'never';
  const message = 'neither never nor a time | write never, or 90d: so long after leaving';
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const share = z
  .string()
  .regex(/^\d{1,2}(\.\d+)?\s*%$/, 'not a share | write 10%')
  .transform((written) => Number.parseFloat(written) / 100)
  .refine((value) => value < 1, { error: 'leaves nobody | write 10%' });

const window = z
  .string()
  .refine((written) => parseWindow(written) !== undefined, {
    error: 'not a window | write "08:00-18:00"',
  })
  .transform((written) => parseWindow(written) ?? []);

const link = z
  .string()
  .regex(/^https?:\/\/[^\s{}]+/i, 'not an address | write it in full, with https:// before it');

/** `_sequence.yaml`. */
export const sequenceFile = z.strictObject({
  title: text.optional(),
  start: list(start, 'is missing | say how people enter: start: [{ form: newsletter }]'),
  again: again.default('never'),
  goal: condition.optional(),
  leave: condition.optional(),
  holdout: share.optional(),
  timing: z
    .strictObject({
      windows: z.array(window).min(1).optional(),
      days: z.array(z.enum(weekdays)).min(1).optional(),
    })
    .optional(),
  by: by.optional(),
  clicks: z.enum(['counted', 'off']).optional(),
  link: link.optional(),
});

/** The front matter of a step. */
export const stepFile = z.strictObject({
  title: text.optional(),
  draft: z.boolean().optional(),
  subject: text.optional(),
  preview: text.optional(),
  wait: duration.optional(),
  when: condition.optional(),
  // One file has one name, on disks that tell capitals apart and on others.
  coupon: couponName.transform((written) => written.toLowerCase().replace(/\.csv$/, '')).optional(),
  by: by.optional(),
  link: link.optional(),
  handOver: z.boolean().optional(),
  params: z.record(z.string(), text).optional(),
});

export type SequenceFile = z.output<typeof sequenceFile>;

const nested: Record<string, string[]> = {
  start: ['form', 'reply', 'event', 'wait'],
  timing: ['windows', 'days'],
};

/** For "did you mean". */
export const keysOf =
  (schema: z.ZodObject) =>
  (path: readonly PropertyKey[]): readonly string[] =>
    path.length === 0 ? Object.keys(schema.shape) : (nested[String(path[0])] ?? []);
