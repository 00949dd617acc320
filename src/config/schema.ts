import { z } from 'zod';
import { type Cadence, parseWindow, type QueueCadence } from '../core/schedule/cadence.ts';
import { pickDefined } from '../core/pick-defined.ts';
import { day, isDate, isZone, parseDuration, weekdays } from '../core/time.ts';
import { agents, chat, chatKeysAt, chatSecrets, notices } from './schema-chat.ts';
import { accountKeys, accountWith } from './schema-accounts.ts';
import { events, links, publicDoor, port, proxies } from './door/schema-public.ts';
import { letters } from './letters/schema-letters.ts';
import { mail, mailKeysAt } from './mail/schema-mail.ts';
import { leads, people } from './people/schema-people.ts';
import { defaultPoints } from '../core/people/score.ts';
import { address, hint, person, personKey, secret, window } from './schema-values.ts';

const zone = z
  .string()
  .refine(isZone, { error: hint('unknown time zone', 'use an IANA name such as Europe/Berlin') })
  .describe('IANA time zone, such as Europe/Berlin');
const duration = z
  .string({ error: hint('not a duration', 'write it as 90m, 2h or 3d') })
  .refine((text) => parseDuration(text) !== undefined, {
    error: hint('not a duration', 'write it as 90m, 2h or 3d'),
  })
  .describe('A duration: 90m, 2h, 3d, 2y');
/** Less would take away what is still looked at. */
const keptAtLeast = (least: number, { why, usual }: { why: string; usual: string }) =>
  duration
    .refine((text) => (parseDuration(text) ?? Infinity) >= least * day, {
      error: hint('is too short', `keep at least ${least}d, ${why}`),
    })
    .describe(`At least ${least}d (${usual})`)
    .optional();

const keep = z.strictObject({
  pictures: keptAtLeast(30, { why: 'since a release may be tried again so late', usual: '60d' }),
  journal: keptAtLeast(30, { why: 'since chats and the pace look back so far', usual: '2y' }),
  samples: keptAtLeast(190, { why: 'since the pace learns from 26 weeks', usual: '2y' }),
});

const perDay = z
  .union([
    z.number().positive(),
    z
      .string()
      .regex(
        /^\d+(\.\d+)?(\s*-\s*\d+(\.\d+)?)?$/,
        hint('not a number of posts a day', 'write 2, or 1-3'),
      )
      .refine((text) => !isDescending(text), {
        error: hint('not a range', 'write the smaller number first, as in 1-3'),
      })
      .refine((text) => !isZero(text), {
        error: hint('not a number of posts a day', 'write more than 0, or pause the account'),
      }),
  ])
  .describe('Posts a day: a number, or a range such as 1-3');
const days = z
  .array(z.enum(weekdays, { error: hint('not a day', `use ${weekdays.join(', ')}`) }))
  .min(1);
const blackout = z
  .string()
  .refine((text) => parseDates(text) !== undefined, {
    error: hint('not a date', 'write "2026-12-24" or "2026-12-24/2026-12-26"'),
  })
  .describe('A date, or "first/last"');

const cadence = z.strictObject({
  perDay: perDay.optional(),
  windows: z.array(window).min(1).optional(),
  days: days.optional(),
  minGap: duration.optional(),
  blackout: z.array(blackout).optional(),
  together: z.boolean().optional().describe('Publish each post on all its accounts at one time'),
});

const account = accountWith({ cadence: cadence.optional() });

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]*$/, hint('not a name', 'use lower-case letters, digits, - and _'));

export const configSchema = z
  .strictObject({
    timezone: zone.optional(),
    accounts: z.record(name, account).optional(),
    cadence: cadence.optional(),
    queues: z
      .record(
        name,
        z.strictObject({
          perDay: z.number().positive().optional(),
          windows: z.array(window).min(1).optional(),
          days: days.optional(),
          accounts: z.array(z.string()).optional(),
        }),
      )
      .optional(),
    pacing: z
      .strictObject({
        mode: z.enum(['adaptive', 'steady']).optional(),
        audience: z
          .string()
          .refine((text) => text === 'mostly-here' || text === 'worldwide' || isZone(text), {
            error: hint(
              'not an audience',
              'use mostly-here, worldwide, or a time zone such as America/New_York',
            ),
          })
          .optional(),
        evergreen: z.enum(['in-turn', 'best-first']).optional(),
      })
      .optional(),
    feeds: z
      .array(
        z.strictObject({
          url: address,
          queue: z.string().optional(),
          template: z.string().min(1).optional(),
          perDay: z.number().positive().optional(),
          networks: z.array(z.string()).optional(),
          campaign: z.string().optional(),
          approval: z.enum(['required', 'none']).optional(),
          allowPrivate: z
            .boolean()
            .describe('The feed may lie on this machine or in a private network (false)')
            .optional(),
        }),
      )
      .optional(),
    campaigns: z
      .record(
        z.string(),
        z.strictObject({
          touches: z
            .number()
            .int()
            .positive()
            .describe('How often each follower may see the campaign in total, on average (29)')
            .optional(),
          touchesPerWeek: z
            .number()
            .positive()
            .describe('How often each follower may see it in seven days, on average (3)')
            .optional(),
          utm: z
            .record(
              z
                .string()
                .regex(
                  /^[a-z]+$/,
                  hint('not a UTM tag', 'use source, medium, campaign, term or content'),
                ),
              z.string(),
            )
            .optional(),
        }),
      )
      .optional(),
    mentions: z
      .record(personKey, person)
      .describe('The people that {{@name}} in a post addresses')
      .optional(),
    keep: keep.describe('For how long what grows is kept').optional(),
    chat: chat.optional(),
    notices: notices.optional(),
    web: z
      .strictObject({
        host: z
          .string()
          .min(1)
          .describe('The address or name that the dashboard listens on (127.0.0.1)')
          .optional(),
        port: port.optional(),
        password: secret
          .describe('Password of the dashboard (none on 127.0.0.1, else one is generated)')
          .optional(),
        trustedProxy: proxies
          .describe('Trusted proxies, whose X-Forwarded-For and X-Forwarded-Proto are used')
          .optional(),
        metricsToken: secret.describe('Bearer token for /metrics').optional(),
      })
      .optional(),
    public: publicDoor
      .describe('A listener of its own for everybody, for counted links (off)')
      .optional(),
    links: links.describe('Whether links of posts go out through the public door').optional(),
    letters: letters.describe('Letters on paper, put together for printing (off)').optional(),
    mail: mail.describe('The mail server by which sequences reach single people (off)').optional(),
    events: events
      .describe('How a shop tells what people did, at /e of the public door')
      .optional(),
    people: people.describe('How often single people are written to').optional(),
    leads: leads.describe('When a person is handed to a human').optional(),
    agents: agents.describe('AI agents that look, draft and pause').optional(),
  })
  .describe('Dripline: config/dripline.yaml');

export type RawConfig = z.output<typeof configSchema>;
export type RawCadence = z.output<typeof cadence>;

/** Keys whose values are never shown. */
export const secretKeys: ReadonlySet<string> = new Set([
  'secret',
  'appKey',
  'appSecret',
  'accessToken',
  'accessSecret',
  'password',
  'token',
  'secret',
  'webhook',
  'metricsToken',
  'signingKey',
  ...chatSecrets,
]);

export const toJsonSchema = () =>
  z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });

/** Known keys at a path of the configuration, for "did you mean". */
export function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const [first, second, third] = path.map(String);
  const own: Record<string, readonly string[]> = {
    cadence: Object.keys(cadence.shape),
    queues: ['perDay', 'windows', 'days', 'accounts'],
    pacing: ['mode', 'audience', 'evergreen'],
    feeds: [
      'url',
      'queue',
      'template',
      'perDay',
      'networks',
      'campaign',
      'approval',
      'allowPrivate',
    ],
    keep: Object.keys(keep.shape),
    mentions: Object.keys(person.shape),
    campaigns: ['touches', 'touchesPerWeek', 'utm'],
    chat: second === undefined ? Object.keys(chat.shape) : chatKeysAt(second),
    notices: Object.keys(notices.shape),
    web: ['host', 'port', 'password', 'trustedProxy', 'metricsToken'],
    public: Object.keys(publicDoor.shape),
    links: ['url'],
    letters: Object.keys(letters.shape),
    mail: mailKeysAt(path.slice(1).map(String)),
    events: Object.keys(events.shape),
    people: Object.keys(people.shape),
    leads: second === undefined ? Object.keys(leads.shape) : Object.keys(defaultPoints),
    agents: Object.keys(agents.shape),
    accounts: third === 'cadence' ? Object.keys(cadence.shape) : [...accountKeys, 'cadence'],
  };
  return first === undefined ? Object.keys(configSchema.shape) : (own[first] ?? []);
}

function parseDates(text: string): { from: string; to: string } | undefined {
  const [from = '', to = from] = text.split('/').map((one) => one.trim());
  return isDate(from) && isDate(to) && from <= to ? { from, to } : undefined;
}

function toPerDay(value: number | string): Cadence['perDay'] {
  const [min = 1, max = min] = String(value).split('-').map(Number);
  return { min, max };
}

const isZero = (range: string) => {
  const { min, max } = toPerDay(range);
  return min === 0 && max === 0;
};

// What is no number at all is told by the pattern alone.
function isDescending(range: string): boolean {
  const { min, max } = toPerDay(range);
  return min > max;
}

const toWindows = (texts: string[]) => texts.flatMap((text) => parseWindow(text) ?? []);

/** The keys of an account override the general ones, and those override the built-in ones. */
export function toCadence(layers: (RawCadence | undefined)[], builtIn: Cadence): Cadence {
  return layers.reduce<Cadence>(
    (below, raw) =>
      pickDefined({
        zone: below.zone,
        perDay: raw?.perDay === undefined ? below.perDay : toPerDay(raw.perDay),
        windows: raw?.windows ? toWindows(raw.windows) : below.windows,
        days: raw?.days ?? below.days,
        minGapFor:
          raw?.minGap === undefined
            ? below.minGapFor
            : (parseDuration(raw.minGap) ?? below.minGapFor),
        blackout: raw?.blackout
          ? raw.blackout.flatMap((text) => parseDates(text) ?? [])
          : below.blackout,
        together: raw?.together ?? below.together,
      }),
    builtIn,
  );
}

export interface NamedQueue extends QueueCadence {
  /** Account names; absent: all. */
  accounts?: string[];
}

export function toQueue(raw: NonNullable<RawConfig['queues']>[string]): NamedQueue {
  const { perDay, windows, days, accounts } = raw;
  return pickDefined({
    perDay,
    windows: windows && toWindows(windows),
    days,
    accounts,
  });
}
