import { networkNames } from '../network/network.ts';
import type { Account } from '../network/account.ts';
import { traitsOf } from '../network/traits-of.ts';
import { didYouMean } from '../text/suggest.ts';
import type { Mentions } from '../text/mention-rules.ts';
import type { Post } from './post.ts';

/** Stands in the parts of a post for braces that are meant as they are: code, and `\\{{`. */
export const literalBraces = '\uE002';

export interface Filling {
  post: Post;
  account: Pick<Account, 'name' | 'network'>;
  link: string | undefined;
  mentions: Mentions;
}

const fillings = 'use network, account, title, link, campaign.link, params.… or @name';

/** Each `{{name}}` with its value; one that has none is a problem. */
export function fillIn(text: string, filling: Filling, problems: string[]): string {
  const known = valuesOf(filling);
  const people: Filled[] = [];
  let [done, from] = ['', 0];
  const add = (piece: string) => (done += piece.replaceAll(literalBraces, '{{'));
  for (const { 0: whole, 1: inside = '', index } of text.matchAll(/\{\{([^{}\n]*)\}\}/g)) {
    add(text.slice(from, index));
    from = index + whole.length;
    const name = inside.trim();
    const person = name.startsWith('@') ? personOf(name, filling) : undefined;
    const value = person?.shown ?? known.get(name);
    if (value === undefined) problems.push(`{{${name}}} has no value: ${hintFor(name, filling)}`);
    if (person?.isAddress)
      people.push({ name, start: done.length, end: done.length + person.shown.length });
    add(value ?? whole);
  }
  add(text.slice(from));
  problems.push(...checkPeople(done, people, filling));
  return done;
}

function hintFor(name: string, { mentions }: Filling): string {
  if (name.startsWith('@')) return unknownPerson(nameIn(name), Object.keys(mentions));
  const hint = name.startsWith('params.') ? 'set it under params' : fillings;
  return String.raw`${hint}, or write \{{ to post the braces as they are`;
}

/** What to do about a name that `mentions` does not have. */
export function unknownPerson(name: string, known: string[]): string {
  const word = name.slice(0, 60);
  const add = `add ${word} under mentions in the configuration`;
  if (known.length === 0) return add;
  const choice = didYouMean(word, known.slice(0, 50));
  return choice.endsWith('?') ? `${choice} Otherwise ${add}` : `${choice}, or ${add}`;
}

const nameIn = (variable: string) => variable.slice(1).trim();

/** `{{@name}}` in the text of a post: those names. */
export const peopleIn = (text: string): string[] =>
  [...text.matchAll(/\{\{\s*@([^{}\n]*)\}\}/g)].map(([, name = '']) => name.trim());

/** Where the network has no address of the person, the plain name. */
function personOf(variable: string, { mentions, account }: Filling) {
  const name = nameIn(variable);
  const person = Object.hasOwn(mentions, name) ? mentions[name] : undefined;
  if (!person) return undefined;
  const address = person[account.network];
  return { shown: address ?? person.name ?? name, isAddress: address !== undefined };
}

interface Filled {
  name: string;
  start: number;
  end: number;
}

/** What touches a mention may make another person of it, or none. */
function checkPeople(text: string, people: Filled[], { account }: Filling): string[] {
  if (people.length === 0) return [];
  const found = traitsOf(account.network).mentions.find(text);
  const read = new Set(found.map(({ start, end }) => `${start}-${end}`));
  return people
    .filter(({ start, end }) => !read.has(`${start}-${end}`))
    .map(({ name, start, end }) => {
      const shown = text.slice(start, end);
      const other = `${networkNames[account.network]} does not read {{${name}}} as ${shown}`;
      return `${other} here: put a blank before and behind it`;
    });
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
