import { setTimeout as delay } from 'node:timers/promises';
import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  Client,
  DiscordAPIError,
  Events,
  GatewayIntentBits,
  type Interaction,
  type Message,
  Partials,
  REST,
  type RESTOptions,
  Routes,
} from 'discord.js';
import type { Command } from '../../commands/command.ts';
import { commands } from '../../commands/all-commands.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { second } from '../../core/time.ts';
import { within } from '../../ports/deadline.ts';
import { type Notice, type NoticeChannel, toRefusal } from '../../ports/notice-channel.ts';
import { type Connection, keepConnected, openLine } from '../keep-connected.ts';
import { type Desk, openDesk } from '../desk.ts';
import { hearInteraction, hearMessage, nameOf, wordsOption } from './events.ts';
import { pictureOptions } from './attachments.ts';
import { isRefused, toMessages } from './send.ts';
import { leaveLease } from '../lease.ts';
import type { ChatParts, Surface } from '../surface.ts';

export interface DiscordSettings {
  token: string;
  application: string;
  /** User ids. No one else gets an answer. */
  allow: readonly string[];
  channel?: string | undefined;
  apiUrl?: string | undefined;
}

const helpVerb: Verb = {
  name: 'help',
  args: '[verb]',
  help: 'list all verbs, or show one of them in detail',
};

const callFor = 15 * second;
const leftAfter = 3 * second;
/** The library waits out what is shorter; what is longer would hold up all that follows. */
const longestWait = 60 * second;
const connectFor = 60 * second;

/** Listens and answers on Discord, through its gateway, until it is closed. Returns at once. */
export function openDiscord(parts: ChatParts, settings: DiscordSettings): Surface {
  const stopping = new AbortController();
  const line = openLine();
  const options: Partial<RESTOptions> = pickDefined({
    version: '10',
    retries: 1,
    timeout: callFor,
    rejectOnRateLimit: ({ retryAfter }: { retryAfter: number }) => retryAfter > longestWait,
    api: settings.apiUrl,
  });
  const rest = new REST(options).setToken(settings.token);
  const { context, images, store } = parts;
  const { channel, allow } = settings;
  const manner = { prefix: '/drip ' };
  const desk = openDesk({ context, images, manner, allow: allow.map(nameOf) });
  const warn = (error: unknown) =>
    parts.log.warn(`Discord: a message was not answered: ${explain(error)}`);
  const hearing = { desk, line, store, signal: stopping.signal };
  const hear = (interaction: Interaction) => hearInteraction(hearing, interaction).catch(warn);
  const hearSent = (message: Message) => hearMessage(hearing, message).catch(warn);
  const listening = keepConnected(parts, {
    surface: 'Discord',
    connect: () => connectClient({ settings, options, rest }, { hear, hearSent }),
    explain,
    signal: stopping.signal,
  });
  const places = channel === undefined ? allow.map((user) => ({ user })) : [{ channel }];
  return {
    channels: places.map((place) => toChannel(rest, desk, place)),
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

type Place = { channel: string } | { user: string };

/** A channel, or the conversation with a user, which is opened for the first notice. */
function toChannel(rest: REST, desk: Desk, to: Place): NoticeChannel {
  let found: string | undefined;
  const post = async ({ title, text, entries, isPlain }: Notice) => {
    found ??= await findChannel(rest, to);
    if (isPlain === true)
      return void (await rest.post(Routes.channelMessages(found), {
        body: { content: text, allowed_mentions: { parse: [] } },
      }));
    const buttons = await desk.buttonsOf(entries);
    const letter = pickDefined({ text, buttons, title: entries.length > 1 ? title : undefined });
    for (const { content, components = [] } of toMessages(letter))
      await rest.post(Routes.channelMessages(found), {
        body: { content, allowed_mentions: { parse: [] }, components: components.map(toApiRow) },
      });
  };
  return {
    name: `discord:${'channel' in to ? to.channel : to.user}`,
    send: (notice) =>
      post(notice).catch((error: unknown) => {
        throw isRefused(error)
          ? toRefusal(explain(error), error)
          : new Error(explain(error), { cause: error });
      }),
  };
}

async function findChannel(rest: REST, to: Place): Promise<string> {
  if ('channel' in to) return to.channel;
  const opened = await rest.post(Routes.userChannels(), { body: { recipient_id: to.user } });
  return (opened as { id: string }).id;
}

/** The library uses camel case. A direct request has to use the names of the API. */
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

/** The library reconnects. If it gives up, `keepConnected` starts again. */
async function connectClient(
  { settings, options, rest }: Connecting,
  { hear, hearSent }: { hear(one: Interaction): unknown; hearSent(one: Message): unknown },
): Promise<Connection> {
  await rest.put(Routes.applicationCommands(settings.application), { body: [dripCommand] });
  const client = new Client({
    intents: [GatewayIntentBits.DirectMessages],
    partials: [Partials.Channel],
    rest: options,
  });
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  client.on(Events.InteractionCreate, hear);
  client.on(Events.MessageCreate, hearSent);
  client.on(Events.ShardDisconnect, ({ code }) =>
    reject(new Error(`the connection ended (${code})`)),
  );
  client.on(Events.Invalidated, () => resolve());
  // Their consequences are reported. Without a listener they would end the process.
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

/** Discord's menu: each verb with its arguments. */
const dripCommand = {
  type: ApplicationCommandType.ChatInput,
  name: 'drip',
  description: 'Dripline: show the queue, pause it, skip and approve posts',
  options: [...commands, helpVerb].map(toSubcommand),
};

type Verb = Pick<Command, 'name' | 'args' | 'help' | 'options' | 'takesText'>;

function toSubcommand({ name, args, help, options = [], takesText }: Verb) {
  const flags = options.map((one) => [one.name, one.value].filter(Boolean).join(' '));
  const words = {
    type: ApplicationCommandOptionType.String,
    name: wordsOption,
    description: [args, ...flags].filter(Boolean).join(' ').slice(0, 100),
    required: args?.startsWith('<') === true,
  };
  return {
    type: ApplicationCommandOptionType.Subcommand,
    name,
    description: help.slice(0, 100),
    options: [
      ...(args === undefined && !options.length ? [] : [words]),
      ...(takesText ? pictureOptions : []),
    ],
  };
}

const wrongToken = 'the token was refused: check chat.discord.token';

function explain(error: unknown): string {
  if (error instanceof DiscordAPIError && error.status === 401) return wrongToken;
  if (error instanceof DiscordAPIError && error.status === 403)
    return `${error.message}: invite the bot to the channel, or allow it to write to you`;
  const code = (error as { code?: unknown }).code;
  if (code === 'TokenInvalid') return wrongToken;
  return error instanceof Error ? error.message : String(error);
}
