import type { Config } from '../../config/config.ts';
import { networkNames } from '../../core/network/network.ts';
import { limitsFor, traitsOf } from '../../core/network/traits-of.ts';
import { compose } from '../../core/post/compose.ts';
import type { FollowUp, Post } from '../../core/post/post.ts';
import type { Problem } from '../../core/problem.ts';
import { day } from '../../core/time.ts';
import { accountsFor } from '../../flow/ingest/ingest.ts';
import type { LoginCheck } from '../../app/connecting/check-logins.ts';

/**
 * Notes posts that would say the same on one account, unless their dates are more than a day apart:
 * one network refuses the second, on the others readers see it twice.
 */
export function checkSameText(posts: Post[], config: Config): Problem[] {
  const said = new Map<string, Post[]>();
  const notes = new Map<string, Problem>();
  for (const post of posts.filter(({ draft, queue }) => !draft && queue !== 'none')) {
    for (const account of accountsFor(post, config)) {
      const key = keyOf(post, account, config);
      const others = said.get(key) ?? [];
      const other = others.find((one) => isNear(one, post));
      said.set(key, [...others, post]);
      if (other) addNote(notes, { post, other, account });
    }
  }
  return [...notes.values()];
}

type Account = Config['accounts'][number];

function keyOf(post: Post, account: Account, { campaigns, mentions }: Config): string {
  const limits = limitsFor(account);
  const { message } = compose({ post, account, limits, run: 1, campaigns, mentions });
  const parts = message.parts.map(({ text, media }) => [
    text.normalize('NFC').replace(/\s+/g, ' ').trim(),
    media.map(({ src }) => src),
  ]);
  return JSON.stringify([account.name, parts]);
}

const pinOf = ({ pin }: Post) => (pin && 'at' in pin ? pin.at : undefined);

function isNear(one: Post, other: Post): boolean {
  const [a, b] = [pinOf(one), pinOf(other)];
  return a === undefined || b === undefined || Math.abs(a - b) <= day;
}

function addNote(
  notes: Map<string, Problem>,
  { post, other, account }: { post: Post; other: Post; account: Account },
): void {
  const before = notes.get(post.file);
  const { network, name } = account;
  const refuses = `${networkNames[network]} refuses the second within a day. Change one of them`;
  notes.set(post.file, {
    where: post.file,
    what: before ? `${before.what} and ${name}` : `says the same as ${other.file} on ${name}`,
    hint: traitsOf(network).refusesRepeats
      ? refuses
      : (before?.hint ?? 'change one of them, or pin them more than a day apart'),
    severity: 'note',
  });
}

/** Notes quotes that a server will not take, as it says itself. */
export function checkQuotes(posts: Post[], logins: LoginCheck[], config: Config): Problem[] {
  const without = new Set(
    logins.filter(({ takesQuotes }) => takesQuotes === false).map(({ account }) => account),
  );
  return posts.flatMap((post): Problem[] => {
    if (!hasQuote(post.followUps)) return [];
    const names = accountsFor(post, config).filter(({ name }) => without.has(name));
    return names.map(({ name }) => ({
      where: post.file,
      what: `followUps: the server of ${name} takes no quotes`,
      hint: 'with `else: post` such a follow-up is published on its own, without it is skipped',
      severity: 'note',
    }));
  });
}

const hasQuote = (rules: FollowUp[]): boolean =>
  rules.some((rule) => rule.as === 'quote' || hasQuote(rule.followUps ?? []));
