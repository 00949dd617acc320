import { networks } from '../../../core/network/network.ts';
import { traitsOf } from '../../../core/network/traits-of.ts';
import { findWebLinks } from '../../../core/text/links.ts';

// Nobody sees it, and no network takes what stands around it for one word.
const joiner = '\u2060';

const address = /(https?:\/\/\S+)/i;

/** Changes signs in the text, and in another way those inside addresses. */
function replaceSigns(
  text: string,
  inWords: (piece: string) => string,
  inAddress: (piece: string) => string,
): string {
  return text
    .split(address)
    .map((piece, i) => (i % 2 === 0 ? inWords(piece) : inAddress(piece)))
    .join('');
}

/** `@name` addresses no one any more: whoever the feed means may be a stranger on a network. */
export const withoutMentions = (text: string): string =>
  replaceSigns(text, breakMentions, (link) => {
    const isSure = findWebLinks(link)[0]?.start === 0;
    return link.replaceAll(/[@＠]/g, (sign, at: number) =>
      isSure && (isInMailAddress(link, at) || /[/=]/.test(link[at - 1] ?? '')) ? sign : '%40',
    );
  });

const breakMentions = (text: string) =>
  text.replaceAll(/[@＠](?=[\p{L}\p{N}_.-]|$)/gu, (sign, at: number) =>
    isInMailAddress(text, at) ? sign : `${sign}${joiner}`,
  );

/** `me@example.com` addresses no one, but X reads `RT@me` as a mention. */
function isInMailAddress(text: string, at: number): boolean {
  return (
    /[a-z0-9_]$/i.test(text.slice(Math.max(0, at - 1), at)) &&
    !/(?:^|[^a-z0-9_])rt$/i.test(text.slice(Math.max(0, at - 3), at))
  );
}

const maxCashtags = Math.min(
  ...networks.map((network) => traitsOf(network).maxCashtags ?? Infinity),
);

export const hasTooManyCashtags = (text: string): boolean =>
  (text.match(/\$[a-z]/gi)?.length ?? 0) > maxCashtags;

export const withoutCashtags = (text: string): string =>
  replaceSigns(
    text,
    (words) => words.replaceAll(/\$(?=[a-z]|$)/gi, `$$${joiner}`),
    (link) => link.replaceAll(/\$(?=[a-z])/gi, '%24'),
  );
