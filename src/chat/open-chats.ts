import type { NoticeChannel } from '../ports/notice-channel.ts';
import { type ChatParts, defaultChatTiming, type Surface } from './surface.ts';
import type { DiscordSettings } from './discord/discord.ts';
import type { SlackSettings } from './slack/slack.ts';
import type { TelegramSettings } from './telegram/telegram.ts';
import type { Webhook } from './webhook.ts';

export interface ChatSettings {
  telegram?: TelegramSettings | undefined;
  slack?: SlackSettings | undefined;
  discord?: DiscordSettings | undefined;
  webhook?: Webhook | undefined;
}

/** Opens the configured chats, loads only their libraries, and does not wait for connections. */
export async function openChats(
  parts: Omit<ChatParts, 'timing'> & Partial<Pick<ChatParts, 'timing'>>,
  { telegram, slack, discord, webhook }: ChatSettings,
): Promise<Surface> {
  await using opening = new AsyncDisposableStack();
  const all: ChatParts = { timing: defaultChatTiming, ...parts };
  const channels: NoticeChannel[] = [];
  const open = (surface: Surface) => channels.push(...opening.use(surface).channels);
  if (telegram) open((await import('./telegram/telegram.ts')).openTelegram(all, telegram));
  if (slack) open((await import('./slack/slack.ts')).openSlack(all, slack));
  if (discord) open((await import('./discord/discord.ts')).openDiscord(all, discord));
  if (webhook) channels.push((await import('./webhook.ts')).openWebhook(webhook));
  const opened = opening.move();
  return { channels, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
