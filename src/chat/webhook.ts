import { toIso } from '../core/time.ts';
import type { Notice, NoticeChannel } from '../ports/notice-channel.ts';

export interface Webhook {
  url: string;
  /** `text`: as ntfy takes it. */
  format: 'json' | 'text';
}

/** Notices by POST to an address of the user's own, which may well lie in a private network. */
export function openWebhook({ url, format }: Webhook): NoticeChannel {
  return {
    name: 'webhook',
    async send(notice, signal) {
      const response = await fetch(url, {
        method: 'POST',
        signal,
        ...(format === 'json' ? toJson(notice) : toText(notice)),
      });
      // Bodies are let go unread: the socket is free again.
      await response.body?.cancel();
      if (!response.ok)
        throw new Error(
          `the webhook answered ${response.status}: look at notices.webhook in the configuration`,
        );
    },
  };
}

/** `text` alone is what Slack's and Mattermost's incoming hooks show. */
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
  return {
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      title: toHeader(title),
      ...(isUrgent ? { priority: 'high' } : {}),
      ...(url === undefined || !URL.canParse(url) ? {} : { click: new URL(url).href }),
    },
    body: text,
  };
}

/** Headers are ASCII; ntfy reads this way of writing the rest (RFC 2047). */
const toHeader = (text: string) =>
  /^[ -~]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;
