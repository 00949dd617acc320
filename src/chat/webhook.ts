import { pickDefined } from '../core/pick-defined.ts';
import { toIso } from '../core/time.ts';
import {
  isFinalStatus,
  type Notice,
  type NoticeChannel,
  toRefusal,
} from '../ports/notice-channel.ts';

export interface Webhook {
  url: string;
  /** `text` is for ntfy. */
  format: 'json' | 'text';
}

/** Sends notices by POST to a URL of the operator, which may be in a private network. */
export function openWebhook({ url: address, format }: Webhook): NoticeChannel {
  const { url, login } = splitLogin(address);
  return {
    name: 'webhook',
    async send(notice, signal) {
      const { body, headers } = format === 'json' ? toJson(notice) : toText(notice);
      const response = await fetch(url, {
        method: 'POST',
        signal,
        // Followed, a POST may become a GET without its body.
        redirect: 'manual',
        body,
        headers: { ...headers, ...login },
      });
      // Frees the socket.
      await response.body?.cancel();
      if (response.ok) return;
      const to = response.headers.get('location')?.slice(0, 500) ?? '';
      const moved = URL.canParse(to) ? ` and moved to ${new URL(to).origin}` : '';
      const why =
        `the webhook answered ${response.status}${moved}: ` +
        'check notices.webhook in the configuration';
      throw isFinalStatus(response.status) ? toRefusal(why) : new Error(why);
    },
  };
}

/** `https://name:word@host` asks for Basic; fetch takes no such address. */
function splitLogin(address: string): { url: string; login: Record<string, string> } {
  const url = new URL(address);
  const { username, password } = url;
  if (username === '' && password === '') return { url: address, login: {} };
  [url.username, url.password] = ['', ''];
  const words = [username, password].map(plain).join(':');
  const login = { authorization: `Basic ${Buffer.from(words).toString('base64')}` };
  return { url: url.href, login };
}

/** A lone percent sign stands for itself. */
function plain(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Incoming webhooks of Slack and Mattermost show only `text`. */
function toJson({ title, text, entries, isUrgent }: Notice) {
  const body = {
    title,
    text: entries.length === 1 ? text : `${title}\n${text}`,
    urgent: isUrgent,
    entries: entries.map(({ at, type, by, delivery, post, account, network, url, text: said }) => ({
      at: toIso(at),
      type,
      by,
      delivery,
      post,
      account,
      network,
      url,
      text: said,
    })),
  };
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function toText({ title, text, entries, isUrgent }: Notice) {
  const url = entries.length === 1 ? entries[0]?.url : undefined;
  const headers = pickDefined({
    'content-type': 'text/plain; charset=utf-8',
    title: toHeader(title),
    priority: isUrgent ? 'high' : undefined,
    click: url !== undefined && URL.canParse(url) ? new URL(url).href : undefined,
  });
  return { headers, body: text };
}

/** Headers are ASCII. ntfy decodes this encoding of other characters (RFC 2047). */
const toHeader = (text: string) =>
  /^[ -~]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;
