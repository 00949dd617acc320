import { z } from 'zod';
import { parseWindow, type Window } from '../core/schedule/cadence.ts';
import { address, agentName, hint, secret, window } from './schema-values.ts';

const noOne = hint('is empty', 'list who may give commands; Dripline answers no one else');

const telegram = z.strictObject({
  token: secret.describe('Token of the bot, from @BotFather'),
  allow: z
    .array(z.number().int(), {
      error: hint(
        'not a list of user ids',
        'numbers, such as [123456]: ask @userinfobot for yours',
      ),
    })
    .min(1, noOne),
  channel: z.number().int().describe('The chat that gets the notices (each of `allow`)').optional(),
  apiRoot: address.describe('URL of your own Bot API server').optional(),
});

const slack = z.strictObject({
  appToken: secret.describe('xapp-…, with connections:write, for socket mode'),
  botToken: secret.describe('xoxb-…, with commands and chat:write'),
  allow: z
    .array(
      z
        .string()
        .regex(
          /^[UW][A-Z0-9]+$/,
          hint('not a user id of Slack', 'such an id begins with U: Profile, Copy member ID'),
        ),
    )
    .min(1, noOne),
  channel: z.string().describe('The channel that gets the notices (each of `allow`)').optional(),
  apiUrl: address.optional(),
});

const snowflake = z
  .string({
    error: hint('not an id of Discord', 'write the digits in quotes: developer mode, Copy ID'),
  })
  .regex(
    /^\d{5,20}$/,
    hint('not an id of Discord', 'write the digits in quotes: developer mode, Copy ID'),
  );

const discord = z.strictObject({
  token: secret.describe('Token of the bot'),
  application: snowflake,
  allow: z.array(snowflake).min(1, noOne),
  channel: snowflake.describe('The channel that gets the notices (each of `allow`)').optional(),
  apiUrl: address.optional(),
});

export const chat = z.strictObject({
  telegram: telegram.optional(),
  slack: slack.optional(),
  discord: discord.optional(),
});

export const notices = z.strictObject({
  webhook: address.describe('URL to which each notice is sent by POST').optional(),
  format: z
    .enum(['json', 'text'], { error: hint('not a format', 'use json, or text for ntfy') })
    .optional(),
  quiet: window.describe('Hours with urgent notices only: "22:00-07:00"').optional(),
});

export type ChatConfig = z.output<typeof chat>;

export interface NoticeConfig {
  webhook?: { url: string; format: 'json' | 'text' };
  /** Hours of the day in which only urgent notices are sent. */
  quiet: Window[];
}

export const chatSecrets = ['appToken', 'botToken'];

export function chatKeysAt(surface: string): string[] {
  const shapes: Record<string, object> = {
    telegram: telegram.shape,
    slack: slack.shape,
    discord: discord.shape,
  };
  return Object.keys(shapes[surface] ?? {});
}

export function toNotices({ webhook, format, quiet }: z.output<typeof notices> = {}): NoticeConfig {
  const hours = quiet === undefined ? [] : (parseWindow(quiet) ?? []);
  if (webhook === undefined) return { quiet: hours };
  const guessed = /ntfy/.test(new URL(webhook).host) ? 'text' : 'json';
  return { webhook: { url: webhook, format: format ?? guessed }, quiet: hours };
}

/** So that nobody tries all of them. */
const shortestToken = 20;

export const agents = z.strictObject({
  token: secret
    .min(shortestToken, hint('is too short', `use ${shortestToken} characters or more`))
    .describe('Bearer token of agents for /mcp'),
  name: z
    .string()
    .regex(agentName, hint('not a name', 'use lower-case letters, digits, - and _'))
    .describe('Who the agent is in the journal (agent)')
    .optional(),
  hosts: z
    .array(z.string().min(1))
    .describe('Further names of this machine by which agents reach it')
    .optional(),
});
