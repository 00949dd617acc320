import { networkNames } from '../network/network.ts';
import type { Account } from '../network/account.ts';
import type { Post } from './post.ts';

/** Stands in the parts of a post for braces that are meant as they are: code, and `\\{{`. */
export const literalBraces = '\uE002';

export interface Filling {
  post: Post;
  account: Pick<Account, 'name' | 'network'>;
  link: string | undefined;
}

const fillings = 'use network, account, title, link, campaign.link or params.…';

/** Each `{{name}}` with its value; one that has none is a problem. */
export function fillIn(text: string, filling: Filling, problems: string[]): string {
  const known = valuesOf(filling);
  return text
    .replaceAll(/\{\{([^{}\n]*)\}\}/g, (whole, inside: string) => {
      const name = inside.trim();
      const value = known.get(name);
      if (value !== undefined) return value;
      const hint = name.startsWith('params.') ? 'set it under params' : fillings;
      const literal = String.raw`or write \{{ to post the braces as they are`;
      problems.push(`{{${name}}} has no value: ${hint}, ${literal}`);
      return whole;
    })
    .replaceAll(literalBraces, '{{');
}

function valuesOf({ post, account, link }: Filling): Map<string, string | undefined> {
  return new Map([
    ['network', networkNames[account.network]],
    ['account', account.name],
    ['title', post.title],
    ['link', link],
    ['campaign.link', link],
    ...Object.entries(post.params).map(([name, value]): [string, string] => [
      `params.${name}`,
      value,
    ]),
  ]);
}
