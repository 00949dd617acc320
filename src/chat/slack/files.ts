import type { Sent } from '../desk.ts';
import { download } from '../download.ts';

export interface SlackFile {
  name: string;
  url: string;
  size: number;
  alt: string;
}

interface SlackFiles {
  token: string;
  apiUrl?: string | undefined;
  signal: AbortSignal;
}

/** A file of another service, which a message only links to, must not get the token. */
export function toSent(place: SlackFiles, files: readonly SlackFile[]): Sent {
  if (!files.length) return {};
  return {
    pictures: files.map(({ name, url, size, alt }) => ({
      name: name.slice(-100),
      alt,
      load: () =>
        download({ name, url, size, headers: headersFor(place, url), signal: place.signal }),
    })),
  };
}

function headersFor({ token, apiUrl }: SlackFiles, url: string): Record<string, string> {
  if (!URL.canParse(url)) return {};
  const { protocol, hostname, origin } = new URL(url);
  const isOfSlack = protocol === 'https:' && /^(?:[a-z0-9-]+\.)*slack\.com$/.test(hostname);
  const isOurs = isOfSlack || (apiUrl !== undefined && new URL(apiUrl).origin === origin);
  return isOurs ? { authorization: `Bearer ${token}` } : {};
}

const longestText = 40_000;

/** Slack escapes three characters, and writes links and names between angle brackets. */
export function fromSlackText(text: string): string {
  return text
    .slice(0, longestText)
    .replace(/^\s*<@[A-Z0-9]+(?:\|[^<>]*)?>\s*/, '')
    .replaceAll(/<(https?:[^<>|]+)(?:\|[^<>]*)?>/g, '$1')
    .replaceAll(/<(?:mailto|tel):[^<>|]*\|([^<>]*)>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
