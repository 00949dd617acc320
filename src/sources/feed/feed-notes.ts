import { plural } from '../../core/plural.ts';
import type { Post } from '../../core/post/post.ts';
import type { FeedLook } from '../../ports/source.ts';
import { cutWords } from './text/foreign-text.ts';
import type { Entry } from './item-identity.ts';

/** A sign that stands for what could not be read is not published. */
export function isUsable({ title = '', parts, params, link = '', media }: Post): boolean {
  const isEmpty = parts.join('') === '' && media.length === 0;
  const words = [title, link, ...parts, ...Object.values(params), ...media.map(({ alt }) => alt)];
  return !isEmpty && words.every((text) => text.isWellFormed() && !text.includes('\uFFFD'));
}

export function notesOf(
  url: string,
  { unusable, old }: { unusable: Entry[]; old: Entry[] },
): FeedLook['notes'] {
  return [
    ...unusable.map(({ item: { title, link = 'without a title' } }) => ({
      text:
        `an item of the feed ${url} is held: it has no text, or signs that cannot be read ` +
        `(${cutWords(title, 80) || link}). It is posted once the feed shows it correctly`,
      isForOperators: true,
    })),
    ...(old.length
      ? [
          {
            text:
              `the feed ${url} shows ${plural(old.length, 'item')} from before its first check: ` +
              'not posted',
            isForOperators: false,
          },
        ]
      : []),
  ];
}
