import { builtIn } from './built-in.ts';
import type { Wording } from './wording.ts';

/** All that strangers may be spoken to in. */
export interface Languages {
  all: readonly Wording[];
  /** By `Accept-Language`: the one of ours that is liked best; else English. */
  choose(accepted: string | undefined): Wording;
  /** By the tag of a language, such as `de-AT`; else English. */
  of(tag: string | undefined): Wording;
}

const longest = 200;
/** Such as `de-AT;q=0.8`. */
const range = /^([a-z]{2,3})(?:-[a-z0-9-]{1,30})?(?:\s*;\s*q=([01](?:\.\d{0,3})?))?$/i;

/** Those that are built in, and others beside them or in their place. */
export function openLanguages(others: readonly Wording[] = []): Languages {
  const byTag = new Map([...builtIn, ...others].map((one) => [one.lang, one]));
  const all = [...byTag.values()];
  const [english] = all as [Wording, ...Wording[]];
  const find = (tag: string) => byTag.get(tag.slice(0, longest).toLowerCase().split('-')[0] ?? '');
  return {
    all,
    choose(accepted = '') {
      let best = { words: english, liking: 0 };
      for (const one of accepted.slice(0, longest).split(',')) {
        const [, lang = '', q = '1'] = range.exec(one.trim()) ?? [];
        const words = byTag.get(lang.toLowerCase());
        if (words && Number(q) > best.liking) best = { words, liking: Number(q) };
      }
      return best.words;
    },
    of: (tag = '') => find(tag) ?? english,
  };
}
