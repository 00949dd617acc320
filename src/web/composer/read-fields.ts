import type { PostForm, RuleForm } from '../../core/post/post-form.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { Refusal } from '../../core/problem.ts';
import type { Settings } from '../../core/settings.ts';
import type { Form } from '../access/visit.ts';

/** What the page has sent of one text. */
export interface Sent {
  /** Absent: a new one. */
  path?: string;
  /** The hash of the file as the person has seen it. */
  base: string;
  /** The whole file, where it was edited as text. */
  raw?: string;
  /** Of the page that sends. */
  ticket?: string;
}

export function readSent(form: Form): Sent {
  const path = form.first('file') || undefined;
  const raw = form.first('mode') === 'text' ? toLines(form.first('raw') ?? '') : undefined;
  const ticket = form.first('ticket')?.slice(0, 64) || undefined;
  return pickDefined({ path, base: form.first('base') ?? '', raw, ticket });
}

/** As forms send line breaks. */
export const toLines = (text: string) => text.replaceAll(/\r\n|\r/g, '\n');

/** Far more than any post has: each is looked at, and shown for each account. */
const mostInForm = 100;

function assertFew(all: readonly string[], what: string) {
  if (all.length > mostInForm)
    throw new Refusal(`A post cannot have more than ${mostInForm} ${what} here: remove some`);
}

const words = (form: Form, name: string): string | undefined =>
  form.first(name)?.trim() || undefined;

const oneLine = (text: string) => text.replaceAll(/[\r\n]/g, '').trim();

/** A browser takes line breaks out of a line: what was only shown is not a change. */
function line(form: Form, name: string, before: string | undefined): string | undefined {
  const typed = words(form, name);
  return before !== undefined && oneLine(typed ?? '') === oneLine(before) ? before : typed;
}

/** The form's values over those that the file had: what a person has not touched stays the same. */
export function readFields(form: Form, settings: Settings, before: PostForm): PostForm {
  const body = toLines(form.first('body') ?? '');
  return {
    ...pickDefined({
      title: line(form, 'title', before.title),
      networks: readAccounts(form, settings, before),
      date: readDate(form, before),
      queue: line(form, 'queue', before.queue),
      campaign: line(form, 'campaign', before.campaign),
      link: line(form, 'link', before.link),
      hashtags: readTags(form),
      cw: line(form, 'cw', before.cw),
      lang: line(form, 'lang', before.lang),
      thread: readThread(form, before),
      approval: readApproval(form, before),
      draft: before.draft,
      together:
        form.first('together') === 'true' || (before.together === false ? false : undefined),
      media: readMedia(form),
      followUps: readRules(form),
      evergreen: readEvergreen(form, before),
    }),
    body: body.replace(/^(?:[ \t]*\n)+/, '').trimEnd(),
  };
}

/** The accounts that a list of networks and names means; absent: all. */
export const accountsOf = (networks: readonly string[] | undefined, settings: Settings) =>
  settings.accounts.filter(
    ({ name, network }) =>
      networks === undefined || networks.includes(name) || networks.includes(network),
  );

function readAccounts(form: Form, settings: Settings, before: PostForm): string[] | undefined {
  const chosen = new Set(form.all('account'));
  const names = settings.accounts.map(({ name }) => name).filter((name) => chosen.has(name));
  const old = accountsOf(before.networks, settings).map(({ name }) => name);
  if (names.join('\n') === old.join('\n')) return before.networks;
  // Nothing ticked would be a post for nobody: the check says so.
  return names.length === settings.accounts.length ? undefined : names;
}

/** `2026-12-01 09:30` as two fields; undefined: it is written in another way. */
export function splitDate(date: string | undefined): { day: string; time: string } | undefined {
  if (date === undefined) return { day: '', time: '' };
  const [, day, time = ''] = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d))?$/.exec(date) ?? [];
  return day === undefined ? undefined : { day, time };
}

function readDate(form: Form, before: PostForm): string | undefined {
  const old = splitDate(before.date);
  if (!old) return before.date;
  const day = words(form, 'day') ?? '';
  const time = words(form, 'time') ?? '';
  if (day === old.day && time === old.time) return before.date;
  return [day, time].filter((one) => one !== '').join(' ') || undefined;
}

function readTags(form: Form): string[] | undefined {
  const tags = (form.first('hashtags') ?? '')
    .split(/[\s,]+/)
    .map((tag) => tag.replace(/^#+/, ''))
    .filter((tag) => tag !== '');
  return tags.length ? tags : undefined;
}

function readThread(form: Form, before: PostForm): PostForm['thread'] {
  const chosen = (['manual', 'auto', 'off'] as const).find((one) => one === form.first('thread'));
  return chosen === 'manual' && before.thread === undefined ? undefined : chosen;
}

function readApproval(form: Form, before: PostForm): PostForm['approval'] {
  if (form.first('approval') === 'required') return 'required';
  return before.approval === 'none' ? 'none' : undefined;
}

function readMedia(form: Form): PostForm['media'] {
  const alts = form.all('media-alt');
  const gone = new Set(form.all('media-gone'));
  const coded = new Set(form.all('media-transcode'));
  const sources = form.all('media-src');
  assertFew(sources, 'pictures and videos');
  const media = sources
    .map((src, i) => ({
      src,
      alt: toLines(alts[i] ?? '').trim(),
      ...(coded.has(src) ? { transcode: true as const } : {}),
    }))
    .filter(({ src }) => src !== '' && !gone.has(src));
  return media.length ? media : undefined;
}

const ruleNames = ['when', 'after', 'within', 'as', 'text'] as const;

function readRules(form: Form): RuleForm[] | undefined {
  const kinds = form.all('rule-if');
  assertFew(kinds, 'follow-ups');
  const columns = new Map(ruleNames.map((name) => [name, form.all(`rule-${name}`)]));
  const typed = (name: (typeof ruleNames)[number], i: number) => columns.get(name)?.[i] ?? '';
  const at = (name: (typeof ruleNames)[number], i: number) => typed(name, i).trim() || undefined;
  const rules = kinds.flatMap((kind, i): RuleForm[] => {
    const text = toLines(typed('text', i));
    const when = kind === 'when' ? at('when', i) : undefined;
    const isEmpty = text.trim() === '' && when === undefined && at('as', i) !== 'repost';
    if (isEmpty || kind === 'none') return [];
    const as = (['reply', 'quote', 'repost', 'post'] as const).find((one) => one === at('as', i));
    return [
      pickDefined({
        // An empty condition is kept, so that the check can say that it is missing.
        when: kind === 'when' ? (when ?? '') : undefined,
        after: at('after', i),
        within: at('within', i),
        as,
        text: as === 'repost' ? undefined : text,
      }),
    ];
  });
  return rules.length ? rules : undefined;
}

function readEvergreen(form: Form, before: PostForm): PostForm['evergreen'] {
  const every = words(form, 'evergreen-every');
  if (every === undefined) return undefined;
  const times = Number(words(form, 'evergreen-times') ?? NaN);
  return pickDefined({
    every,
    times: Number.isSafeInteger(times) && times > 0 ? times : undefined,
    variants: before.evergreen?.variants,
  });
}
