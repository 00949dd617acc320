import { createHash } from 'node:crypto';
import type { Post } from '../core/post/post.ts';

/** `spring/010-Launch Teaser.md` is `launch-teaser`; a bundle `launch/index.md` is `launch`. */
export function idFromPath(path: string): string {
  return withoutMarks(nameWithoutOrder(path))
    .replaceAll(/[^a-z0-9_]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
}

/**
 * As idFromPath; a name with letters of another script ends in a digest of the whole name, since
 * nothing else of them is left.
 */
export function idOfFile(path: string): string {
  const name = nameWithoutOrder(path);
  const id = idFromPath(path);
  if (!/(?![a-z0-9])[\p{L}\p{N}]/u.test(withoutMarks(name))) return id;
  return `${id || 'post'}-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
}

const nameWithoutOrder = (path: string): string =>
  nameOf(path)
    .replace(/^(?:\d{4}-\d\d-\d\d|\d+)[-_. ]+(?=.)/, '')
    .normalize('NFKD')
    .toLowerCase();

const withoutMarks = (name: string): string =>
  name.replaceAll(/\p{M}/gu, '').replaceAll(/[ßæøœłđ]/g, (letter) => plainLetters[letter] ?? '');

function nameOf(path: string): string {
  const steps = path.split('/');
  const last = steps.at(-1) ?? '';
  const isBundle = last === 'index.md' && steps.length > 1;
  return isBundle ? (steps.at(-2) ?? '') : last.replace(/\.(md|markdown)$/i, '');
}

const plainLetters: Record<string, string> = { ß: 'ss', æ: 'ae', ø: 'o', œ: 'oe', ł: 'l', đ: 'd' };

/**
 * A digest of everything that decides what is posted and when. The file's place is not part of it,
 * so that a renamed file is recognised.
 */
export function hashPost(post: Post, mediaHashes: string[]): string {
  const { id: _id, file: _file, order: _order, hash: _hash, media, ...rest } = post;
  const pictures = media.map(({ alt, focus, part, transcode }, i) => ({
    alt,
    focus,
    part,
    transcode,
    sha256: mediaHashes[i],
  }));
  return createHash('sha256')
    .update(JSON.stringify({ ...rest, pictures }))
    .digest('hex');
}
