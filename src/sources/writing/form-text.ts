import { pickDefined } from '../../core/pick-defined.ts';
import { changesOf, type PostForm, type RuleForm } from '../../core/post/post-form.ts';
import type { ReadForm } from '../../ports/post-files.ts';
import { aliasesOf } from '../folder/front-matter.ts';
import { editText, readKeys, splitText, toLf } from './edit-text.ts';

type Values = Omit<PostForm, 'body'>;

/** Undefined: only a text editor can change it. */
const readers: { [K in keyof Values]-?: (value: unknown) => Values[K] | undefined } = {
  title: readWords,
  networks: readList,
  date: readWords,
  queue: readWords,
  campaign: readWords,
  link: readWords,
  hashtags: readList,
  cw: readWords,
  lang: readWords,
  thread: (value) => oneOf(value, ['manual', 'auto', 'off']),
  approval: readApproval,
  draft: readSwitch,
  together: readSwitch,
  media: readMedia,
  followUps: readRules,
  evergreen: readEvergreen,
};

/**
 * The text with what differs between the two forms. Keys of a picture and of `evergreen` that the
 * form does not know stay. Throws a Refusal.
 */
export function changeText(
  text: string,
  { before, after }: { before: PostForm; after: PostForm },
  file: string,
): string {
  const set = changesOf(before, after);
  const { front } = splitText(text, file);
  const old = readKeys(front, file);
  if (after.media && 'media' in set) set['media'] = toMedia(after.media, old.get('media'));
  if (after.followUps && 'followUps' in set) set['followUps'] = after.followUps.map(toRule);
  if (after.evergreen && 'evergreen' in set)
    set['evergreen'] = { ...toRecord(old.get('evergreen')), ...after.evergreen };
  const body = after.body === before.body ? {} : { body: after.body };
  return editText(text, { set, ...body }, file);
}

/** Throws a Refusal where the front matter cannot be told from the text. */
export function readPostForm(text: string, file: string): ReadForm {
  const { front, body } = splitText(text, file);
  const spelled = readKeys(front, file);
  const form: PostForm = { body: toLf(body) };
  const asWritten: string[] = [];
  for (const key of Object.keys(readers) as (keyof Values)[]) {
    const name = [key, ...aliasesOf(key)].find((one) => spelled.has(one));
    const value = name === undefined ? undefined : spelled.get(name);
    if (value === undefined || value === null) continue;
    const read = readers[key](value);
    if (read === undefined) asWritten.push(key);
    else Object.assign(form, { [key]: read });
  }
  return { form, asWritten };
}

function readWords(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function readList(value: unknown): string[] | undefined {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) return undefined;
  const words = value.map(readWords);
  return words.every((word) => word !== undefined) ? words : undefined;
}

function readSwitch(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

function readApproval(value: unknown): Values['approval'] {
  if (typeof value === 'boolean') return value ? 'required' : 'none';
  return oneOf(value, ['required', 'none']);
}

const oneOf = <T extends string>(value: unknown, all: readonly T[]): T | undefined =>
  all.find((one) => one === value);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const hasOnly = (value: Record<string, unknown>, keys: readonly string[]) =>
  Object.keys(value).every((key) => keys.includes(key));

function readMedia(value: unknown): Values['media'] | undefined {
  const all = (Array.isArray(value) ? value : [value]).map((one) => {
    if (typeof one === 'string') return { src: one, alt: '' };
    if (!isRecord(one)) return undefined;
    const src = readWords(one['src']);
    const { transcode = false } = one;
    if (src === undefined || typeof transcode !== 'boolean') return undefined;
    const isAllowed = transcode ? ({ transcode } as const) : {};
    return { src, alt: readWords(one['alt'] ?? '') ?? '', ...isAllowed };
  });
  return all.every((one) => one !== undefined) ? all : undefined;
}

/** A picture is known by its name: whatever else the file says of it stays. */
function toMedia(media: NonNullable<Values['media']>, old: unknown): unknown[] {
  const all: unknown[] = Array.isArray(old) ? old : [old];
  return media.map(({ src, alt, transcode }) => {
    const was = all.find((one) => one === src || (isRecord(one) && one['src'] === src));
    const { transcode: before, ...rest } = toRecord(was);
    const isSame = (before === true) === (transcode === true);
    if (alt === '' && isSame && (was === src || (isRecord(was) && !('alt' in was)))) return was;
    if (isSame) return { ...toRecord(was), src, alt };
    return { ...rest, src, alt, ...(transcode ? { transcode } : {}) };
  });
}

const toRecord = (value: unknown) => (isRecord(value) ? value : {});

const toRule = ({ when, ...rest }: RuleForm) =>
  when === undefined ? { otherwise: true, ...rest } : { when, ...rest };

function readRules(value: unknown): RuleForm[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const rules = value.map(readRule);
  return rules.every((one) => one !== undefined) ? rules : undefined;
}

/** Rules in rules, and those that name another file, are for a text editor. */
function readRule(value: unknown): RuleForm | undefined {
  const keys = ['when', 'otherwise', 'after', 'within', 'as', 'text'];
  if (!isRecord(value) || !hasOnly(value, keys)) return undefined;
  const when = readWords(value['when']);
  if ((when === undefined) !== (value['otherwise'] === true)) return undefined;
  return pickDefined({
    when,
    after: readWords(value['after']),
    within: readWords(value['within']),
    as: oneOf(value['as'], ['reply', 'quote', 'repost', 'post'] as const),
    text: readWords(value['text']),
  });
}

function readEvergreen(value: unknown): Values['evergreen'] | undefined {
  if (!isRecord(value)) return undefined;
  const { times } = value;
  if (times !== undefined && typeof times !== 'number') return undefined;
  return pickDefined({
    every: readWords(value['every']),
    times,
    variants: value['variants'] === undefined ? undefined : readList(value['variants']),
  });
}
