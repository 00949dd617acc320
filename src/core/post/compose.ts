import type { Account } from '../network/account.ts';
import { isAlike } from '../text/alike.ts';
import { fits, measureText } from '../text/length.ts';
import { splitText } from '../text/split.ts';
import { findLinks } from '../text/links.ts';
import type { Limits } from '../network/limits.ts';
import type { Message, Part } from './message.ts';
import { type Network, networkNames } from '../network/network.ts';
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
  /** 1 for the first run; an evergreen's later runs take its variants in turn. */
  run: number;
  /** It passes another post on, and says nothing itself. */
  isRepost?: boolean;
}

export type Composed = { message: Message; problems: string[] };

/**
 * The post as this account will say it. Problems are sentences; with any of them it must not be
 * sent.
 */
export function compose({
  post,
  account,
  limits,
  campaigns,
  run,
  isRepost = false,
}: ComposeInput): Composed {
  const { network } = account;
  const override = post.overrides[network];
  const problems: string[] = [];
  const link =
    post.link === undefined
      ? undefined
      : tagLink(post.link, network, campaigns[post.campaign ?? '']);
  const fill = (text: string) => fillIn(text, { post, account, link }, problems);
  const bodies = bodiesOf(post, network, run).map((text) => fill(text).trim());
  if (!isRepost && !bodies.some((text) => text !== '') && post.media.length === 0)
    problems.push('there is no text and no picture');

  const traits = traitsOf(network);
  if (traits.refusesRepeats && run > 1 && !isRepost)
    problems.push(...findRepeats(post, network, run));

  const takesCard = traits.cardBy === 'us' && post.card && post.media.length === 0;
  const card = takesCard ? (link ?? firstLink(bodies[0] ?? '')) : undefined;
  const ending = endingFor(bodies.join('\n'), card === link ? undefined : link, post.hashtags);
  const opening = post.cw !== undefined && !traits.hasWarningField ? `[${post.cw}]\n\n` : '';
  const texts = assemble(post, bodies, { opening, ending }, limits, problems);

  const parts: Part[] = texts.map((text, i) => ({ text, media: i === 0 ? post.media : [] }));
  problems.push(...checkParts(parts, post, limits));
  const visibility = traits.hasVisibility ? (override?.visibility ?? 'public') : undefined;
  const message: Message = {
    account: account.name,
    network,
    parts,
    ...(post.lang === undefined ? {} : { lang: post.lang }),
    ...(post.cw === undefined ? {} : { cw: post.cw }),
    ...(visibility === undefined ? {} : { visibility }),
    ...(override?.labels?.length ? { labels: override.labels } : {}),
    ...(card === undefined ? {} : { card }),
  };
  return { message, problems };
}

function bodiesOf(post: Post, network: Network, run: number): string[] {
  const variants = post.evergreen?.variants ?? [];
  const variant = run > 1 && variants.length ? variants[(run - 2) % variants.length] : undefined;
  return variant === undefined ? (post.overrides[network]?.parts ?? post.parts) : [variant];
}

function findRepeats(post: Post, network: Network, run: number): string[] {
  const text = bodiesOf(post, network, run).join('\n');
  const earlier = Array.from({ length: run - 1 }, (_, i) => i + 1).find((one) =>
    isAlike(bodiesOf(post, network, one).join('\n'), text),
  );
  return earlier === undefined
    ? []
    : [
        `run ${run} says nearly the same as run ${earlier}, and ${networkNames[network]} takes no text twice: give it another variant`,
      ];
}

/** The campaign's UTM tags on a link; tags that the link has already are kept. */
export function tagLink(link: string, network: Network, campaign: Campaign | undefined): string {
  const tags = Object.entries(campaign?.utm ?? {});
  if (!tags.length || !URL.canParse(link)) return link;
  const url = new URL(link);
  for (const [name, value] of tags) {
    if (!url.searchParams.has(`utm_${name}`))
      url.searchParams.set(`utm_${name}`, value.replaceAll('{{network}}', network));
  }
  return url.toString();
}

interface Filling {
  post: Post;
  account: Pick<Account, 'name' | 'network'>;
  link: string | undefined;
}

function fillIn(text: string, { post, account, link }: Filling, problems: string[]): string {
  return text.replaceAll(/\{\{\s*([\w.-]+)\s*\}\}/g, (whole, name: string) => {
    const known: Record<string, string | undefined> = {
      network: networkNames[account.network],
      account: account.name,
      title: post.title,
      link,
      'campaign.link': link,
    };
    const value = name.startsWith('params.') ? post.params[name.slice(7)] : known[name];
    if (value === undefined)
      problems.push(
        `{{${name}}} has no value: ${name.startsWith('params.') ? 'give it under params' : 'known are network, account, title, link, campaign.link and params.…'}`,
      );
    return value ?? whole;
  });
}

function firstLink(text: string): string | undefined {
  const url = findLinks(text)[0]?.url;
  return url === undefined || /^https?:/i.test(url) ? url : `https://${url}`;
}

function endingFor(body: string, link: string | undefined, hashtags: string[]): string {
  const lines: string[] = [];
  if (link !== undefined && !body.includes(link)) lines.push(link);
  const tags = hashtags
    .map((tag) => `#${tag.replace(/^#/, '')}`)
    .filter((tag) => !new RegExp(`${escapeRegExp(tag)}(?![\\p{L}\\p{N}_])`, 'iu').test(body));
  if (tags.length) lines.push(tags.join(' '));
  return lines.join('\n');
}

const escapeRegExp = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** Opening and ending stand in the first part, which is the one that is seen. */
function assemble(
  post: Post,
  bodies: string[],
  { opening, ending }: { opening: string; ending: string },
  limits: Limits,
  problems: string[],
): string[] {
  const around = (text: string) => `${opening}${text}${ending && text ? '\n\n' : ''}${ending}`;
  if (post.thread === 'off' && bodies.length > 1)
    problems.push('thread: off, but the text has `---` lines that start further parts');
  if (post.thread !== 'auto') return bodies.map((text, i) => (i === 0 ? around(text) : text));
  const first = {
    ...limits.text,
    max:
      limits.text.max - (limits.text.countsWarning ? measureText(post.cw ?? '', limits.text) : 0),
  };
  const frame = around('').trim() ? around('_') : '';
  const room = {
    ...first,
    max: Math.max(20, first.max - measureText(frame, limits.text)),
    ...(first.maxBytes === undefined
      ? {}
      : { maxBytes: Math.max(80, first.maxBytes - new TextEncoder().encode(frame).length) }),
  };
  return bodies.flatMap((text, i) => {
    const whole = i === 0 ? around(text) : text;
    if (fits(whole, i === 0 ? first : limits.text).ok) return [whole];
    if (i > 0) return splitText(text, limits.text);
    return splitText(text, room).map((piece, j) => (j === 0 ? around(piece) : piece));
  });
}

function checkParts(parts: Part[], post: Post, limits: Limits): string[] {
  const problems: string[] = [];
  const name = networkNames[limits.network];
  parts.forEach((part, i) => {
    const text =
      i === 0 && limits.text.countsWarning && post.cw ? `${post.cw}${part.text}` : part.text;
    const { ok, length, max, bytes } = fits(text, limits.text);
    const which = parts.length > 1 ? `part ${i + 1} of ${parts.length}` : 'the text';
    if (!ok && length > max)
      problems.push(
        `${which} has ${length} characters as ${name} counts, ${max} are allowed: shorten it by ${length - max}${post.thread === 'auto' ? ' or' : ','} give ${limits.network}: { text } of its own${post.thread === 'auto' ? '' : ', or set thread: auto'}`,
      );
    else if (!ok)
      problems.push(
        `${which} has ${bytes} bytes, ${limits.text.maxBytes} are allowed on ${name}: shorten it`,
      );
    if (i > 0 && part.text.trim() === '')
      problems.push(`${which} is empty: remove one of the \`---\` lines`);
  });
  const { maxCashtags = Infinity } = traitsOf(limits.network);
  const cashtags = parts.flatMap(
    ({ text }) => text.match(/(?<![\p{L}\p{N}_$])\$[a-z]{1,6}(?![\p{L}\p{N}_])/giu) ?? [],
  );
  if (cashtags.length > maxCashtags) {
    const most = maxCashtags === 1 ? 'one cashtag' : `${maxCashtags} cashtags`;
    problems.push(`${name} takes ${most} in a post, this has ${cashtags.join(' ')}`);
  }
  const { maxCount, maxAlt } = limits.media;
  if (post.media.length > maxCount)
    problems.push(`${post.media.length} pictures, ${name} takes ${maxCount}`);
  for (const { src, alt } of post.media) {
    if (maxAlt !== undefined && [...alt].length > maxAlt)
      problems.push(
        `the alt text of ${src} has ${[...alt].length} characters, ${name} takes ${maxAlt}`,
      );
  }
  return problems;
}
