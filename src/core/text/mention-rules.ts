import { findAddresses } from './links.ts';

/** What a network reads as the address of a person. Code units of the text. */
export interface Mention {
  start: number;
  end: number;
  /** In lower case, with its `@`. */
  address: string;
  /** Someone on the server of the account that writes. */
  isLocal?: true;
}

export interface MentionRules {
  /** How a person is addressed there: `@alice`. */
  example: string;
  isAddress(written: string): boolean;
  find(text: string): Mention[];
}

/** By name: each person's address on each network, and the name where there is none. */
export type Mentions<Network extends string = string> = Record<
  string,
  Partial<Record<Network, string>> & { name?: string }
>;

/** What is found in links addresses no one. */
export function outsideLinks<Found extends { start: number }>(
  text: string,
  found: Found[],
): Found[] {
  if (found.length === 0) return found;
  const links = findAddresses(text);
  let next = 0;
  return found.filter(({ start }) => {
    while (next < links.length && (links[next]?.end ?? 0) <= start) next += 1;
    return start < (links[next]?.start ?? Infinity);
  });
}

const word = String.raw`\p{L}\p{M}\p{N}_`;

// As twitter-text reads them: `@alice/friends` is a list.
const shortName =
  /(?<=^|[^a-z0-9_!#$%&*@＠]|(?:^|[^a-z0-9_+~.-])rt:?)[@＠](?<name>[a-z0-9_]{1,20})/gi;
const noNameBefore =
  /^(?:[@＠\u00c0-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263]|:\/\/|\/[a-z])/i;

/** `@alice`. */
export const shortMentions: MentionRules = {
  example: '@alice',
  isAddress: (written) => /^@[a-z0-9_]{1,15}$/i.test(written),
  find: (text) =>
    collect(text, shortName).filter(({ end }) => !noNameBefore.test(text.slice(end, end + 4))),
};

/** Scripts that put no blanks between words. */
const dense = String.raw`\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Thai}`;
const domainName = new RegExp(
  String.raw`(?<=^|[^${word}@.\/\-]|[${dense}])@(?<name>[a-z0-9.\-]+)\b`,
  'giv',
);
const domain = /^@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/;

/** `@alice.example.com`. */
export const domainMentions: MentionRules = {
  example: '@alice.example.com',
  isAddress: (written) =>
    /^@(?:[a-z0-9][a-z0-9-]{0,62}\.){1,9}[a-z][a-z0-9-]{0,62}$/i.test(written),
  find: (text) => collect(text, domainName).filter(({ address }) => domain.test(address)),
};

const serverName = new RegExp(
  String.raw`(?<![=/${word}])@(?<name>[a-z0-9_]+(?:[.-]+[a-z0-9_]+)*` +
    String.raw`(?:@[${word}]+(?:[.-]+[${word}]+)*)?)`,
  'giu',
);

/** `@alice@m.example`; without a server, someone on the own one. */
export const serverMentions: MentionRules = {
  example: '@alice@mastodon.social',
  isAddress: (written) =>
    /^@[a-z0-9_]+(?:[.-]+[a-z0-9_]+)*@(?:[\p{L}\p{N}-]+\.)+[\p{L}\p{N}-]+$/iu.test(written),
  find: (text) =>
    collect(text, serverName).flatMap((one): Mention[] => {
      if (one.address.lastIndexOf('@') > 0) return [one];
      // Names of a server have no dots and hyphens: such a one is nobody there.
      return /[.-]/.test(one.address) ? [] : [{ ...one, isLocal: true }];
    }),
};

function collect(text: string, pattern: RegExp): Mention[] {
  const found = [...text.matchAll(pattern)].map(({ 0: whole, index, groups }) => ({
    start: index,
    end: index + whole.length,
    address: `@${groups?.name ?? ''}`.toLowerCase(),
  }));
  return outsideLinks(text, found);
}
