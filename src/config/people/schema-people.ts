import { z } from 'zod';
import { defaultPeople, type PeopleSettings } from '../../core/people/people-settings.ts';
import { day, parseDuration } from '../../core/time.ts';
import { address, hint, secret } from '../schema-values.ts';

const short = hint('is too short', 'make one: openssl rand -hex 24');

const long = hint('not a duration', 'write it as 120d, 8w or 24mo');

/** Months count thirty days. */
function toLong(text: string): number | undefined {
  const [, months] = /^(\d{1,4})mo$/.exec(text) ?? [];
  return months === undefined ? parseDuration(text) : Number(months) * 30 * day;
}

const duration = z
  .string({ error: long })
  .refine((text) => toLong(text) !== undefined, { error: long });

const points = z.number().min(0).max(1000);

export const people = z.strictObject({
  perWeek: z
    .number()
    .int()
    .min(1)
    .max(50)
    .describe('The most that one person gets in seven days, over all sequences (3)')
    .optional(),
  quietAfter: duration
    .describe('Without a sign of life for so long, a person is asked whether to go on (120d)')
    .optional(),
  forgetAfter: duration
    .describe('Without a sign of life for so long, a person is forgotten (24mo)')
    .optional(),
});

export const leads = z.strictObject({
  score: z
    .strictObject({
      click: points.optional(),
      visit: points.optional(),
      reply: points.optional(),
      cart: points.optional(),
      bought: points.optional(),
    })
    .describe('Points for what people do, halved every 30 days')
    .optional(),
  handOver: points.describe('The score at which a person is handed to a human (30)').optional(),
  webhook: address.describe('Gets each hand-over by POST as JSON').optional(),
  secret: secret.min(16, short).describe('Signs what the webhook gets').optional(),
});

/** Undefined: nobody is told but operators. */
export const toLeadHook = (raw: z.output<typeof leads> | undefined): LeadHookConfig | undefined =>
  raw?.webhook === undefined ? undefined : { url: raw.webhook, secret: raw.secret };

export interface LeadHookConfig {
  url: string;
  secret: string | undefined;
}

interface RawPeople {
  people?: z.output<typeof people> | undefined;
  leads?: z.output<typeof leads> | undefined;
}

export function toPeople({ people: raw = {}, leads: lead = {} }: RawPeople): PeopleSettings {
  const { perWeek, quietAfter, forgetAfter } = raw;
  const given = Object.entries(lead.score ?? {}).filter(([, value]) => value !== undefined);
  return {
    perWeek: perWeek ?? defaultPeople.perWeek,
    quietFor: toLong(quietAfter ?? '') ?? defaultPeople.quietFor,
    forgetFor: toLong(forgetAfter ?? '') ?? defaultPeople.forgetFor,
    points: { ...defaultPeople.points, ...Object.fromEntries(given) },
    handOverAt: lead.handOver ?? defaultPeople.handOverAt,
  };
}
