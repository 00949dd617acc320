import type { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { SocketModeClient } from '@slack/socket-mode';
import { LogLevel, type Logger, WebClient, type WebClientOptions } from '@slack/web-api';
import { pickDefined } from '../../core/pick-defined.ts';
import { second } from '../../core/time.ts';
import { within } from '../../ports/deadline.ts';
import { isFinalStatus, type NoticeChannel, toRefusal } from '../../ports/notice-channel.ts';
import { asksUrl } from '../buttons.ts';
import { type Connection, keepConnected, openLine } from '../keep-connected.ts';
import { type Desk, openDesk } from '../desk.ts';
import { leaveLease } from '../lease.ts';
import { toMessage, toPlain } from './blocks.ts';
import { postTo } from './answer.ts';
import { toSent } from './files.ts';
import { hearEnvelope, nameOf, readEnvelope, type SlackHearing } from './events.ts';
import type { ChatParts, Surface } from '../surface.ts';

export interface SlackSettings {
  appToken: string;
  botToken: string;
  /** User ids. No one else gets an answer. */
  allow: readonly string[];
  channel?: string | undefined;
  apiUrl?: string | undefined;
}

const callFor = 15 * second;
const leftAfter = 3 * second;

/** The library's log contains messages, so it is silent. Dripline logs what matters. */
const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};

/** Listens and answers on Slack in socket mode, until it is closed. Returns at once. */
export function openSlack(parts: ChatParts, settings: SlackSettings): Surface {
  const stopping = new AbortController();
  const line = openLine();
  const api = toApi(parts, settings);
  const web = openWeb(settings.botToken, api);
  const { context, images } = parts;
  const { allow } = settings;
  const manner = { prefix: '/drip ' };
  const desk = openDesk({ context, images, manner, allow: allow.map(nameOf) });
  const warn = warner(parts, stopping.signal);
  const hearing = toHearing({ parts, desk, web, warn, signal: stopping.signal }, settings);
  const connect = () =>
    connectSocket({ appToken: settings.appToken, api }, (event) => {
      // At once, because Slack waits only three seconds. Strangers get nothing else.
      void event.ack().catch(() => undefined);
      const work = () => hear(hearing, event, warn);
      void (asksAtOnce(event) ? work() : line.wait(work));
    });
  const listening = keepConnected(parts, {
    surface: 'Slack',
    connect,
    explain,
    signal: stopping.signal,
  });
  const chats = settings.channel === undefined ? allow : [settings.channel];
  return {
    channels: chats.map((channel) => toChannel(web, desk, channel)),
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await Promise.race([
        Promise.allSettled([listening, line.idle()]),
        delay(leftAfter, undefined, { ref: false }),
      ]);
      await leaveLease(parts, 'Slack').catch(() => undefined);
    },
  };
}

interface Parts {
  parts: ChatParts;
  desk: Desk;
  web: WebClient;
  warn(error: unknown): void;
  signal: AbortSignal;
}

const toHearing = (
  { parts, desk, web, warn, signal }: Parts,
  { botToken, apiUrl }: SlackSettings,
): SlackHearing => ({
  desk,
  post: (url, body) => postTo({ clock: parts.clock, signal, warn }, url, body),
  say: async (channel, body) =>
    void (await web.apiCall('chat.postMessage', { channel, ...body, unfurl_links: false })),
  toSent: (files) => toSent({ token: botToken, apiUrl, signal }, files),
  openView: async (view, trigger) => void (await web.views.open({ trigger_id: trigger, view })),
});

type SlackApi = Pick<WebClientOptions, 'slackApiUrl' | 'agent' | 'requestInterceptor'>;

const toApi = ({ agentFor }: ChatParts, { apiUrl }: SlackSettings): SlackApi =>
  pickDefined({
    slackApiUrl: apiUrl === undefined ? undefined : `${apiUrl}/`,
    ...throughProxy(agentFor?.(new URL(apiUrl ?? 'https://slack.com'))),
  });

/** The socket is opened with the agent too. */
const throughProxy = (agent: Agent | undefined): SlackApi =>
  agent === undefined
    ? {}
    : // The library forbids proxies to axios, which then takes them away from the agent.
      { agent, requestInterceptor: ({ proxy: _never, ...config }) => config };

const openWeb = (token: string, api: SlackApi): WebClient =>
  new WebClient(token, {
    ...api,
    logger: silent,
    timeout: callFor,
    retryConfig: { retries: 1 },
    rejectRateLimitedCalls: true,
  });

const toChannel = (web: WebClient, desk: Desk, channel: string): NoticeChannel => ({
  name: `slack:${channel}`,
  async send({ title, text, entries, isPlain }) {
    const buttons = await desk.buttonsOf(entries);
    const head = entries.length > 1 ? title : undefined;
    const message =
      isPlain === true ? toPlain(text) : toMessage(pickDefined({ text, buttons, title: head }));
    await web
      .apiCall('chat.postMessage', { channel, ...message, unfurl_links: false })
      .catch((error: unknown) => {
        throw isRefused(error)
          ? toRefusal(explain(error), error)
          : new Error(explain(error), { cause: error });
      });
  },
});

const passing = [
  'ratelimited',
  'rate_limited',
  'internal_error',
  'fatal_error',
  'service_unavailable',
];

/** An answer of Slack that stays the same, unlike a rate limit or trouble of its own. */
function isRefused(error: unknown): boolean {
  const { data, statusCode } = error as { data?: { error?: string }; statusCode?: number };
  if (data?.error !== undefined) return !passing.includes(data.error);
  return statusCode !== undefined && isFinalStatus(statusCode);
}

interface Heard {
  ack: (response?: Record<string, unknown>) => Promise<void>;
  type: string;
  body: unknown;
}

const isGoodbye = (frame: string) => /"type"\s*:\s*"disconnect"/.test(frame);

/** The library hides failed reconnects, so it connects once, and `keepConnected` retries. */
async function connectSocket(
  { appToken, api }: { appToken: string; api: SlackApi },
  onEvent: (event: Heard) => void,
): Promise<Connection> {
  const socket = new SocketModeClient({
    appToken,
    autoReconnectEnabled: false,
    logger: silent,
    clientOptions: { ...api, retryConfig: { retries: 0 }, timeout: callFor },
  });
  const { promise: ended, resolve } = Promise.withResolvers<'announced' | undefined>();
  let how: 'announced' | undefined;
  socket.on('ws_message', (frame: unknown) => {
    if (isGoodbye(String(frame).slice(0, 2000))) how = 'announced';
  });
  socket.on('disconnected', () => resolve(how));
  socket.on('slack_event', onEvent);
  await within({ limitFor: 2 * callFor }, async (signal) => {
    signal.addEventListener('abort', () => void socket.disconnect(), { once: true });
    await socket.start();
  });
  return {
    ended,
    async close() {
      await Promise.race([socket.disconnect(), delay(second, undefined, { ref: false })]);
    },
  };
}

const warner = (parts: ChatParts, signal: AbortSignal) => (error: unknown) => {
  if (!signal.aborted) parts.log.warn(`Slack: a message was not answered: ${explain(error)}`);
};

/** A question waits for no one: its address expires meanwhile, and asking changes nothing. */
const asksAtOnce = ({ type, body }: Heard): boolean => {
  const envelope = readEnvelope(type, body);
  return envelope?.kind === 'action' && asksUrl(envelope.value);
};

async function hear(
  hearing: SlackHearing,
  { type, body }: Heard,
  warn: (error: unknown) => void,
): Promise<void> {
  try {
    const envelope = readEnvelope(type, body);
    if (envelope) await hearEnvelope(hearing, envelope);
  } catch (error) {
    warn(error);
  }
}

const hints: Record<string, string> = {
  invalid_auth: 'a token was refused: check chat.slack in the configuration',
  not_allowed_token_type:
    'the tokens are swapped: appToken begins with xapp-, and botToken with xoxb-',
  not_in_channel: 'the bot is not in the channel: invite it',
  channel_not_found:
    'the channel does not exist, or the bot is not in it: check chat.slack.channel, or invite ' +
    'the bot',
  missing_scope:
    'the app lacks a scope: it needs commands and chat:write (for pictures of drafts also ' +
    'im:history and files:read), and the app token needs connections:write',
};

function explain(error: unknown): string {
  const code = (error as { data?: { error?: string } } | undefined)?.data?.error;
  if (code !== undefined) return hints[code] ?? `Slack reports an error (${code})`;
  return error instanceof Error ? error.message : 'the connection broke';
}
