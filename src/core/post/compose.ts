import { type CountedLink, countLink, type LinkCounting } from '../clicks/counted-link.ts';
import { deliveryId } from '../delivery/delivery.ts';
import type { Account } from '../network/account.ts';
import { isAlike } from '../text/alike.ts';
import { fits, measureText } from '../text/length.ts';
import { splitText } from '../text/split.ts';
import { findCardAddress, replaceAddresses } from '../text/links.ts';
import { pickDefined } from '../pick-defined.ts';
import { fillIn } from './fill-in.ts';
import type { Limits, TextLimits } from '../network/limits.ts';
import type { Message, Part } from './message.ts';
import { type Network, networkNames } from '../network/network.ts';
import type { Mentions } from '../text/mention-rules.ts';
import type { Post } from './post.ts';
import { traitsOf } from '../network/traits-of.ts';

/** UTM values by name (`source`, `medium`, `campaign` …); `{{network}}` in them is filled in. */
export interface Campaign {
  utm: Record<string, string>;
}

export interface ComposeInput {
  post: Post;
  account: Pick<Account, 'name' | 'network'>;
  limits: Limits;
  /** By name; the post's own is looked up here. */
  campaigns: Record<string, Campaign>;
  /** The people that `{{@name}}` addresses. */
  mentions: Mentions;
  /** 1 for the first run; an evergreen's later runs take its variants in turn. */
  run: number;
  /** It has no text of its own. */
  isRepost?: boolean;
  /** Absent: links go out as they are. */
  links?: LinkCounting | undefined;
}

export interface Composed {
  message: Message;
  problems: string[];
  /** So many parts of the file were left out: it is too long to be published. */
  beyond?: number;
}

/** Of a thread in a file. Nobody reads as many; it bounds the work on what somebody pastes. */
export const mostParts = 500;

/** The post as this account will publish it. With any problem, a sentence, it must not be sent. */
export function compose(input: ComposeInput): Composed {
  const { post, account, limits, campaigns, mentions, run } = input;
  const { network } = account;
  const problems: string[] = [];
  const target = post.link && tagLink(post.link, network, campaignOf(post, campaigns));
  const counted = countTarget(input, target);
  const link = counted?.url ?? target;
  const written = bodiesOf(post, account, run);
  const beyond = Math.max(0, written.length - mostParts);
  if (beyond > 0) problems.push(tellTooMany(written.length));
  const bodies = written
    .slice(0, mostParts)
    .map((text) => fillIn(text, { post, account, link, mentions }, problems).trim())
    .map((text) => (counted ? withCounted(text, post, counted) : text));
  problems.push(...checkBodies(input, bodies));
  const pictures = bodies.map((_, i) => mediaOf(post, i, bodies.length));
  const hasPictures = (pictures[0] ?? []).length > 0;
  const card = hasPictures
    ? undefined
    : cardOf(post, network, link ?? findCardAddress(bodies[0] ?? ''));
  const frame = {
    opening: openingOf(post, network),
    ending: endingFor(bodies.join('\n'), card === link ? undefined : link, post.hashtags),
  };
  const texts = assemble({ post, limits: limits.text, frame }, bodies, problems);
  const parts: Part[] = texts.flatMap((pieces, i) =>
    pieces.map((text, j) => ({ text, media: (j === 0 && pictures[i]) || [] })),
  );
  problems.push(...checkParts(parts, post, limits));
  const message: Message = {
    account: account.name,
    network,
    parts,
    ...pickDefined({ lang: post.lang, cw: post.cw, card, counted, ...overridesOf(post, network) }),
  };
  return pickDefined({ message, problems, beyond: beyond || undefined });
}

const tellTooMany = (count: number): string =>
  `the thread has ${count.toLocaleString('en')} parts, and ${mostParts} are the most: ` +
  'make several posts of it';

/** Only what a browser can be led to. */
function countTarget(
  { post, account, run, links, isRepost = false }: ComposeInput,
  target: string | undefined,
): CountedLink | undefined {
  if (!links || target === undefined || isRepost || !/^https?:\/\//i.test(target)) return undefined;
  if (!URL.canParse(target)) return undefined;
  return countLink(target, { ...links, delivery: deliveryId(post.id, account.name, run) });
}

/** Where the author wrote the address into the text as well, it is the same link. */
const withCounted = (text: string, { link }: Post, { target, url }: CountedLink): string =>
  replaceAddresses(text, (one) => (one === link || one === target ? url : undefined));

/** Those of parts that this text does not have hang on its last one. */
const mediaOf = ({ media }: Post, part: number, count: number): Part['media'] =>
  media
    .filter((one) => Math.min(one.part ?? 0, count - 1) === part)
    .map(({ part: _part, ...one }) => one);

function checkBodies({ post, account, run, isRepost = false }: ComposeInput, bodies: string[]) {
  if (isRepost) return [];
  const isEmpty = bodies.every((text) => text === '') && post.media.length === 0;
  const isRepeated = traitsOf(account.network).refusesRepeats && run > 1;
  return [
    ...(isEmpty ? ['the post has no text and no picture'] : []),
    ...(isRepeated ? findRepeats(post, account, run) : []),
  ];
}

function overridesOf(post: Post, network: Network): Pick<Message, 'visibility' | 'labels'> {
  const { visibility = 'public', labels = [] } = post.overrides[network] ?? {};
  return pickDefined({
    visibility: traitsOf(network).hasVisibility ? visibility : undefined,
    labels: labels.length > 0 ? labels : undefined,
  });
}

/** Only where the network takes a card from us. */
function cardOf(post: Post, network: Network, link: string | undefined): string | undefined {
  const isOurs = traitsOf(network).cardBy === 'us' && post.card;
  return isOurs ? link : undefined;
}

function openingOf({ cw }: Post, network: Network): string {
  return cw === undefined || traitsOf(network).hasWarningField ? '' : `[${cw}]\n\n`;
}

type Reader = Pick<ComposeInput['account'], 'name' | 'network'>;

function bodiesOf(post: Post, { name, network }: Reader, run: number): string[] {
  const variants = post.evergreen?.variants ?? [];
  const variant = run > 1 && variants.length ? variants[(run - 2) % variants.length] : undefined;
  if (variant !== undefined) return [variant];
  const own = Object.entries(post.accountParts ?? {}).find(([account]) => account === name)?.[1];
  return own ?? post.overrides[network]?.parts ?? post.parts;
}

function findRepeats(post: Post, reader: Reader, run: number): string[] {
  const text = bodiesOf(post, reader, run).join('\n');
  const earlier = Array.from({ length: run - 1 }, (_, i) => i + 1).find((one) =>
    isAlike(bodiesOf(post, reader, one).join('\n'), text),
  );
  if (earlier === undefined) return [];
  const refusal = `${networkNames[reader.network]} refuses repeated texts`;
  const repeated = `the text of run ${run} is nearly that of run ${earlier}`;
  return [`${repeated}, and ${refusal}: write another variant`];
}

const campaignOf = ({ campaign = '' }: Post, all: ComposeInput['campaigns']) =>
  Object.hasOwn(all, campaign) ? all[campaign] : undefined;

/** The campaign's UTM tags on a link; tags that the link has already are kept. */
export function tagLink(link: string, network: Network, campaign: Campaign | undefined): string {
  const tags = Object.entries(campaign?.utm ?? {});
  if (!tags.length || !URL.canParse(link)) return link;
  const { searchParams } = new URL(link);
  const added = tags
    .filter(([name]) => !searchParams.has(`utm_${name}`))
    .map(([name, value]): [string, string] => [
      `utm_${name}`,
      value.replaceAll('{{network}}', network),
    ]);
  return added.length > 0 ? appendTags(link, new URLSearchParams(added).toString()) : link;
}

/** What stands in the address already stays as it is written. */
function appendTags(link: string, tags: string): string {
  const at = link.includes('#') ? link.indexOf('#') : link.length;
  const [page, fragment] = [link.slice(0, at), link.slice(at)];
  const { pathname, search } = new URL(page);
  const path = pathname === '/' && /^[^/]*\/\/[^/]*$/.test(page) ? '/' : '';
  if (search !== '') return `${page}&${tags}${fragment}`;
  return `${page.replace(/\?$/, '')}${path}?${tags}${fragment}`;
}

function endingFor(body: string, link: string | undefined, hashtags: string[]): string {
  const lines: string[] = [];
  if (link !== undefined && !body.includes(link)) lines.push(link);
  const tags = hashtags
    .map((tag) => `#${tag.replace(/^#/, '')}`)
    .filter((tag) => !hasHashtag(body, tag));
  if (tags.length) lines.push(tags.join(' '));
  return lines.join('\n');
}

/** Whether the text has the hashtag already, and not as the beginning of a longer one. */
function hasHashtag(body: string, tag: string): boolean {
  const [text, wanted] = [body.toLowerCase(), tag.toLowerCase()];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const behind = at + wanted.length;
    if (!/^[\p{L}\p{N}_]/u.test(text.slice(behind, behind + 2))) return true;
  }
  return false;
}

interface Assembly {
  post: Post;
  limits: TextLimits;
  frame: { opening: string; ending: string };
}

/**
 * The texts that each part becomes. Opening and ending go into the first, since that is the one
 * that people see.
 */
function assemble(
  { post, limits, frame }: Assembly,
  bodies: string[],
  problems: string[],
): string[][] {
  const { opening, ending } = frame;
  const around = (text: string) => `${opening}${text}${ending && text ? '\n\n' : ''}${ending}`;
  if (post.thread === 'off' && bodies.length > 1)
    problems.push('thread: off, but the text has `---` lines that start further parts');
  if (post.thread !== 'auto') return bodies.map((text, i) => [i === 0 ? around(text) : text]);
  const first = limitsOfFirst(post, limits);
  const room = roomBeside(around('').trim() ? around('_') : '', first);
  return bodies.map((text, i) => {
    const whole = i === 0 ? around(text) : text;
    if (fits(whole, i === 0 ? first : limits).ok) return [whole];
    if (i > 0) return splitText(text, limits);
    return splitText(text, room).map((piece, j) => (j === 0 ? around(piece) : piece));
  });
}

/** A content warning is part of the first message. */
function limitsOfFirst({ cw = '' }: Post, limits: TextLimits): TextLimits {
  return limits.countsWarning ? { ...limits, max: limits.max - measureText(cw, limits) } : limits;
}

/** What the frame leaves of the limits. */
function roomBeside(frame: string, limits: TextLimits): TextLimits {
  const { max, maxBytes = Infinity } = limits;
  return {
    ...limits,
    max: Math.max(20, max - measureText(frame, limits)),
    maxBytes: Math.max(80, maxBytes - new TextEncoder().encode(frame).length),
  };
}

function checkParts(parts: Part[], post: Post, limits: Limits): string[] {
  return [
    ...parts.flatMap((part, i) => checkLength(part.text, { i, parts, post, limits })),
    ...checkCashtags(parts, limits.network),
    ...parts.flatMap((part, i) => checkMedia(part, nameOfPart(i, parts), limits)),
  ];
}

interface Place {
  i: number;
  parts: Part[];
  post: Post;
  limits: Limits;
}

function checkLength(own: string, { i, parts, post, limits }: Place): string[] {
  const name = networkNames[limits.network];
  const text = i === 0 && limits.text.countsWarning && post.cw ? `${post.cw}${own}` : own;
  const { ok, length, max, bytes } = fits(text, limits.text);
  const which = nameOfPart(i, parts) ?? 'the text';
  const problems: string[] = [];
  if (!ok && length > max) {
    const ways = [`shorten it by ${length - max}`, `give ${limits.network}: { text } of its own`];
    if (post.thread !== 'auto') ways.push('set thread: auto');
    const count = `${which} has ${length} characters as ${name} counts them; ${max} are allowed`;
    problems.push(`${count}: ${listWays(ways)}`);
  } else if (!ok) {
    const most = limits.text.maxBytes;
    problems.push(`${which} has ${bytes} bytes; ${name} allows ${most}: shorten it`);
  }
  if (i > 0 && own.trim() === '' && parts[i]?.media.length === 0)
    problems.push(`${which} is empty: remove one of the \`---\` lines`);
  return problems;
}

const nameOfPart = (i: number, parts: Part[]) =>
  parts.length > 1 ? `part ${i + 1} of ${parts.length}` : undefined;

function listWays(ways: string[]): string {
  const [last, ...others] = ways.toReversed();
  return `${others.toReversed().join(', ')}${others.length > 1 ? ',' : ''} or ${last}`;
}

function checkCashtags(parts: Part[], network: Network): string[] {
  const { maxCashtags = Infinity } = traitsOf(network);
  const cashtags = parts.flatMap(
    ({ text }) => text.match(/(?<![\p{L}\p{N}_$])\$[a-z]{1,6}(?![\p{L}\p{N}_])/giu) ?? [],
  );
  if (cashtags.length <= maxCashtags) return [];
  const most = maxCashtags === 1 ? 'one cashtag' : `${maxCashtags} cashtags`;
  return [`${networkNames[network]} allows ${most} in a post; this has ${cashtags.join(' ')}`];
}

function checkMedia({ media }: Part, part: string | undefined, limits: Limits): string[] {
  const name = networkNames[limits.network];
  const { maxCount, maxAlt = Infinity } = limits.media;
  return [
    ...(media.length > maxCount
      ? [`${part ? `${part} has ` : ''}${media.length} pictures; ${name} allows ${maxCount}`]
      : []),
    ...(media.length > 1 && media.some(({ moves }) => moves)
      ? [`${part ?? 'the post'} has a video beside other media: a video or GIF stands alone`]
      : []),
    ...media
      .map(({ src, alt }) => ({ src, length: [...alt].length }))
      .filter(({ length }) => length > maxAlt)
      .map(({ src, length }) => {
        const what = `the alt text of ${src} has ${length} characters`;
        return `${what}; ${name} allows ${maxAlt}`;
      }),
  ];
}
