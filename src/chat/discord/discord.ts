import { setTimeout as delay } from 'node:timers/promises';
import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  Client,
  DiscordAPIError,
  Events,
  type Interaction,
  REST,
  type RESTOptions,
  Routes,
} from 'discord.js';
import { commands } from '../../commands/all-commands.ts';
import { second } from '../../core/time.ts';
import { within } from '../../ports/deadline.ts';
import type { Notice, NoticeChannel } from '../../ports/notice-channel.ts';
import { type Connection, keepConnected, openLine } from '../keep-connected.ts';
import { type Desk, openDesk } from '../desk.ts';
import { type DiscordHearing, hearInteraction, wordsOption } from './events.ts';
import { toMessages } from './send.ts';
import { leaveLease } from '../lease.ts';
import type { ChatParts, Surface } from '../surface.ts';

export interface DiscordSettings {
  token: string;
  application: string;
  /** User ids: nobody else is answered. */
  allow: readonly string[];
  channel?: string | undefined;
  apiUrl?: string | undefined;
}

const callFor = 15 * second;
const leftAfter = 3 * second;
const connectFor = 60 * second;

/** Hears and answers on Discord, by its gateway, until it is closed. Returns at once. */
export function openDiscord(parts: ChatParts, settings: DiscordSettings): Surface {
  const stopping = new AbortController();
  const line = openLine();
  const options: Partial<RESTOptions> = {
    version: '10',
    retries: 1,
    timeout: callFor,
    ...(settings.apiUrl === undefined ? {} : { api: settings.apiUrl }),
  };
  const rest = new REST(options).setToken(settings.token);
  const desk = openDesk({
    context: parts.context,
    images: parts.images,
    manner: { prefix: '/drip ' },
  });
  const hearing: DiscordHearing = { desk, line, store: parts.store, allow: settings.allow };
  const hear = async (interaction: Interaction) => {
    try {
      await hearInteraction(hearing, interaction);
    } catch (error) {
      parts.log.warn(`Discord: a word was not answered: ${explain(error)}`);
    }
  };
  const connect = () =>
    connectClient({ settings, options, rest }, (interaction) => void hear(interaction));
  const listening = keepConnected(parts, {
    surface: 'Discord',
    connect,
    explain,
    signal: stopping.signal,
  });
  const { channel, allow } = settings;
  return {
    channels:
      channel === undefined
        ? allow.map((user) => toChannel(rest, desk, { user }))
        : [toChannel(rest, desk, { channel })],
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await Promise.race([
        Promise.allSettled([listening, line.idle()]),
        delay(leftAfter, undefined, { ref: false }),
      ]);
      await leaveLease(parts, 'Discord').catch(() => undefined);
    },
  };
}

/** A channel, or the conversation with a user, which is opened at the first notice. */
function toChannel(
  rest: REST,
  desk: Desk,
  to: { channel: string } | { user: string },
): NoticeChannel {
  let found = 'channel' in to ? to.channel : undefined;
  const post = async ({ title, text, entries }: Notice) => {
    if (found === undefined && 'user' in to)
      found = (
        (await rest.post(Routes.userChannels(), { body: { recipient_id: to.user } })) as {
          id: string;
        }
      ).id;
    const buttons = await desk.buttonsOf(entries);
    for (const { content, components = [] } of toMessages({
      text,
      buttons,
      ...(entries.length > 1 ? { title } : {}),
    }))
      await rest.post(Routes.channelMessages(found ?? ''), {
        body: { content, allowed_mentions: { parse: [] }, components: components.map(toApiRow) },
      });
  };
  return {
    name: `discord:${'channel' in to ? to.channel : to.user}`,
    send: (notice) =>
      post(notice).catch((error: unknown) => {
        throw new Error(explain(error), { cause: error });
      }),
  };
}

/**
 * The library's own messages are in its way of writing; what is posted directly has to be in the
 * API's.
 */
function toApiRow(row: unknown) {
  const { type, components } = row as {
    type: number;
    components: { type: number; customId: string; label: string; style: number }[];
  };
  return {
    type,
    components: components.map(({ customId, ...button }) => ({ ...button, custom_id: customId })),
  };
}

interface Connecting {
  settings: DiscordSettings;
  options: Partial<RESTOptions>;
  rest: REST;
}

/** The library makes broken connections anew by itself; what it gives up, we begin again. */
async function connectClient(
  { settings, options, rest }: Connecting,
  hear: (interaction: Interaction) => void,
): Promise<Connection> {
  await rest.put(Routes.applicationCommands(settings.application), { body: [dripCommand] });
  const client = new Client({ intents: [], rest: options });
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  client.on(Events.InteractionCreate, hear);
  client.on(Events.ShardDisconnect, ({ code }) =>
    reject(new Error(`the connection was ended (${code})`)),
  );
  client.on(Events.Invalidated, () => resolve());
  // Told by what comes of them; without a listener they would end the process.
  client.on(Events.Error, () => undefined);
  client.on(Events.ShardError, () => undefined);
  try {
    await within({ limitFor: connectFor }, () => client.login(settings.token));
  } catch (error) {
    await client.destroy();
    throw error;
  }
  return { ended, close: () => client.destroy() };
}

/** Discord's menu: each verb with what may stand behind it. */
const dripCommand = {
  type: ApplicationCommandType.ChatInput,
  name: 'drip',
  description: 'Dripline: look at the queue, pause it, skip and approve posts',
  options: [
    ...commands,
    { name: 'help', args: '[verb]', help: 'all verbs, or one of them in detail', options: [] },
  ].map(({ name, args, help, options = [] }) => ({
    type: ApplicationCommandOptionType.Subcommand,
    name,
    description: help.slice(0, 100),
    options:
      args === undefined && !options.length
        ? []
        : [
            {
              type: ApplicationCommandOptionType.String,
              name: wordsOption,
              description: [
                args,
                ...options.map((one) => [one.name, one.value].filter(Boolean).join(' ')),
              ]
                .filter(Boolean)
                .join(' ')
                .slice(0, 100),
              required: args?.startsWith('<') === true,
            },
          ],
  })),
};

function explain(error: unknown): string {
  if (error instanceof DiscordAPIError && error.status === 401)
    return 'the token is not good: look at chat.discord.token';
  if (error instanceof DiscordAPIError && error.status === 403)
    return `${error.message}: invite the bot to that channel, or let it write to you`;
  const code = (error as { code?: unknown }).code;
  if (code === 'TokenInvalid') return 'the token is not good: look at chat.discord.token';
  return error instanceof Error ? error.message : String(error);
}
