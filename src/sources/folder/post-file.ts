import { pickDefined } from '../../core/pick-defined.ts';
import { createHash } from 'node:crypto';
import { type Network, networks } from '../../core/network/network.ts';
import type { FollowUp, MediaRef, Post } from '../../core/post/post.ts';
import type { Problem } from '../../core/problem.ts';
import { didYouMean } from '../../core/suggest.ts';
import {
  atLocal,
  formatClock,
  formatLocal,
  type Instant,
  isInGap,
  parseLocalTime,
} from '../../core/time.ts';
import { checkRules } from './follow-up-rules.ts';
import { type FrontMatter, readFrontMatter, type ReadFrontMatter } from './front-matter.ts';
import { splitFrontMatter, splitParts, toPlainText } from './markdown.ts';

/** The names that a post may refer to. */
export interface KnownNames {
  accounts: { name: string; network: Network }[];
  queues: string[];
  campaigns: string[];
}

export interface PostFileInput {
  /** Inside the posts folder, with slashes. */
  path: string;
  /** What messages call it: `posts/010-a.md`. */
  file: string;
  text: string;
  sidecars: { network: Network; file: string; text: string }[];
  defaults: { file: string; text: string }[];
  zone: string;
  names: KnownNames;
}

/** A post whose pictures are not looked up yet. */
export interface ParsedFile {
  post: Post;
  hasOwnId: boolean;
  media: (Omit<MediaRef, 'file'> & { where: string })[];
  notes: Problem[];
}

export type ParsedPostFile = ParsedFile | { problems: Problem[] };

export function parsePostFile(input: PostFileInput): ParsedPostFile {
  const split = splitFrontMatter(input.text);
  if (!split)
    return {
      problems: [
        {
          where: `${input.file}:1:1`,
          what: 'the front matter is not closed',
          hint: 'end it with a line of ---',
          severity: 'error',
        },
      ],
    };
  const front = readFrontMatter(
    { text: split.front ?? '', file: input.file, firstLine: 2 },
    input.defaults,
  );
  if (!front.value) return { problems: front.problems };
  const id = front.value.id ?? idFromPath(input.path);
  const problems = [
    ...front.problems,
    ...checkNames(front.value, front, input.names),
    ...checkRules(front.value.followUps ?? [], ['followUps'], front.locate),
  ];
  if (id === '')
    problems.push({
      where: input.file,
      what: 'no id can be made from this name',
      hint: 'give it an id in the front matter',
      severity: 'error',
    });
  const zone = front.value.timezone ?? input.zone;
  const dates = readDates(front.value, front, zone, problems);
  const body = splitParts(split.body).map(toPlainText);
  const sidecars = readSidecars(input.sidecars, problems);
  if (problems.some(({ severity }) => severity === 'error')) return { problems };

  const media = [
    ...(front.value.media ?? []).map((one, i) => ({ ...one, where: front.locate(['media', i]) })),
    ...body
      .flatMap(({ images }) => images)
      .map((one) => ({ ...one, where: `${input.file}:${split.bodyLine}:1` })),
  ];
  const post = toPost(front.value, {
    id,
    input,
    zone,
    parts: body.map(({ text }) => text),
    sidecars,
    dates,
  });
  return { post, hasOwnId: front.value.id !== undefined, media, notes: problems };
}

/** `spring/010-Launch Teaser.md` is `launch-teaser`; a bundle `launch/index.md` is `launch`. */
export function idFromPath(path: string): string {
  const steps = path.split('/');
  const name =
    steps.at(-1) === 'index.md' && steps.length > 1
      ? (steps.at(-2) ?? '')
      : (steps.at(-1) ?? '').replace(/\.(md|markdown)$/i, '');
  const bare = name.replace(/^(?:\d{4}-\d\d-\d\d|\d+)[-_. ]+(?=.)/, '');
  return bare
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[ßæøœłđ]/g, (letter) => plainLetters[letter] ?? '')
    .replaceAll(/[^a-z0-9_]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
}

const plainLetters: Record<string, string> = { ß: 'ss', æ: 'ae', ø: 'o', œ: 'oe', ł: 'l', đ: 'd' };

function checkNames(value: FrontMatter, { locate }: ReadFrontMatter, names: KnownNames): Problem[] {
  const problems: Problem[] = [];
  const known = [...networks, ...names.accounts.map(({ name }) => name)];
  value.networks?.forEach((name, i) => {
    if (!known.includes(name))
      problems.push({
        where: locate(['networks', i]),
        what: `unknown network "${name}"`,
        hint: didYouMean(name, known),
        severity: 'error',
      });
  });
  if (value.queue !== undefined && value.queue !== 'none' && !names.queues.includes(value.queue)) {
    problems.push({
      where: locate(['queue']),
      what: `unknown queue "${value.queue}"`,
      hint: names.queues.length
        ? didYouMean(value.queue, names.queues)
        : 'add it under queues in the configuration',
      severity: 'error',
    });
  }
  if (value.campaign !== undefined && !names.campaigns.includes(value.campaign)) {
    problems.push({
      where: locate(['campaign']),
      what: `campaign "${value.campaign}" is not in the configuration`,
      hint: 'its links get no UTM tags',
      severity: 'note',
    });
  }
  return problems;
}

interface Dates {
  pin?: Post['pin'];
  notBefore?: Instant;
  expires?: Instant;
  until?: Instant;
}

function readDates(
  value: FrontMatter,
  { locate }: ReadFrontMatter,
  zone: string,
  problems: Problem[],
): Dates {
  const dates: Dates = {};
  const read = (
    path: string[],
    text: string | undefined,
    dateOnly: number,
  ): Instant | undefined => {
    const time = text === undefined ? undefined : parseLocalTime(text);
    if (!time) return undefined;
    if (
      time.minutes !== undefined &&
      time.at === undefined &&
      isInGap(time.date, time.minutes, zone)
    ) {
      const at = atLocal(time.date, time.minutes, zone);
      problems.push({
        where: locate(path),
        what: `${formatClock(time.minutes)} does not exist on ${time.date} in ${zone}, where the clocks go forward`,
        hint: `taken as ${formatLocal(at, zone)}`,
        severity: 'note',
      });
    }
    return time.at ?? atLocal(time.date, time.minutes ?? dateOnly, zone);
  };
  const date = value.date === undefined ? undefined : parseLocalTime(value.date);
  if (date && date.minutes === undefined) dates.pin = { date: date.date };
  else if (date) dates.pin = { at: read(['date'], value.date, 0) ?? 0 };
  // A day alone: from its beginning for "not before", to its end for "expires".
  const notBefore = read(['notBefore'], value.notBefore, 0);
  const expires = read(['expires'], value.expires, 1440);
  const until = read(['evergreen', 'until'], value.evergreen?.until, 1440);
  if (notBefore !== undefined) dates.notBefore = notBefore;
  if (expires !== undefined) dates.expires = expires;
  if (until !== undefined) dates.until = until;
  if (notBefore !== undefined && expires !== undefined && expires <= notBefore) {
    problems.push({
      where: locate(['expires']),
      what: 'it expires before it may go out',
      hint: 'expires has to be later than notBefore',
      severity: 'error',
    });
  }
  return dates;
}

function readSidecars(
  sidecars: PostFileInput['sidecars'],
  problems: Problem[],
): Map<Network, string[]> {
  const texts = new Map<Network, string[]>();
  for (const { network, file, text } of sidecars) {
    const split = splitFrontMatter(text);
    if (!split || split.front?.trim())
      problems.push({
        where: `${file}:1:1`,
        what: 'a text for one network has no front matter of its own',
        hint: 'put it into the post beside it',
        severity: 'error',
      });
    else
      texts.set(
        network,
        splitParts(split.body).map((part) => toPlainText(part).text),
      );
  }
  return texts;
}

interface Made {
  id: string;
  input: PostFileInput;
  zone: string;
  parts: string[];
  sidecars: Map<Network, string[]>;
  dates: Dates;
}

function toPost(value: FrontMatter, { id, input, zone, parts, sidecars, dates }: Made): Post {
  const post: Post = {
    id,
    source: 'folder',
    file: input.file,
    hash: '',
    order: input.path,
    draft: value.draft ?? false,
    weight: value.weight ?? 0,
    approval: value.approval ?? false,
    hashtags: value.hashtags ?? [],
    card: value.card ?? true,
    media: [],
    thread: value.thread ?? 'manual',
    parts,
    overrides: {},
    followUps: (value.followUps ?? []).map(toFollowUp),
    params: value.params ?? {},
    ...pickDefined({
      title: value.title,
      networks: value.networks,
      campaign: value.campaign,
      queue: value.queue,
      timezone: value.timezone === undefined ? undefined : zone,
      link: value.link,
      lang: value.lang,
      cw: value.cw,
      pin: dates.pin,
      notBefore: dates.notBefore,
      expires: dates.expires,
      after: value.after && { post: value.after.post, delayFor: value.after.delay },
      evergreen: value.evergreen && {
        everyFor: value.evergreen.every,
        variants: value.evergreen.variants,
        ...pickDefined({ times: value.evergreen.times, until: dates.until }),
      },
    }),
  };
  for (const network of networks) {
    const own = value[network];
    const text =
      sidecars.get(network) ??
      (own?.text === undefined
        ? undefined
        : splitParts(own.text).map((part) => toPlainText(part).text));
    if (own || text)
      post.overrides[network] = pickDefined({
        skip: own?.skip,
        labels: own?.labels,
        visibility: own?.visibility,
        parts: text,
      });
  }
  return post;
}

type Rule = NonNullable<FrontMatter['followUps']>[number];

function toFollowUp(rule: Rule): FollowUp {
  return {
    as: rule.as,
    ...pickDefined({
      when: rule.when,
      otherwise: rule.otherwise,
      afterFor: rule.after,
      withinFor: rule.within,
      else: rule.else,
      parts:
        rule.text === undefined
          ? undefined
          : splitParts(rule.text).map((part) => toPlainText(part).text),
      post: rule.post,
      followUps: rule.followUps?.map(toFollowUp),
    }),
  };
}

/**
 * Everything that decides what is posted and when; not where the file lies, so that a renamed file
 * is recognised.
 */
export function hashPost(post: Post, mediaHashes: string[]): string {
  const { id: _id, file: _file, order: _order, hash: _hash, media, ...rest } = post;
  const pictures = media.map(({ alt, focus }, i) => ({ alt, focus, sha256: mediaHashes[i] }));
  return createHash('sha256')
    .update(JSON.stringify({ ...rest, pictures }))
    .digest('hex');
}
