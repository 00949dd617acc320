import { second } from '../time.ts';
import type { ClickKind } from './click.ts';

/** What a request tells about who sent it. */
export interface ClickSigns {
  method: string;
  agent: string | undefined;
  /** The agent names itself as that of a program. */
  isKnownBot: boolean;
  /** `Sec-Purpose`, or its older names. */
  purpose: string | undefined;
  /** `Sec-Fetch-Mode`. */
  fetchMode: string | undefined;
  /** Browsers tell the fetch mode there: over HTTPS, and on this machine. */
  isTrustworthy: boolean;
}

/** Agents say more in a few hundred characters than is needed here. */
const mostLooked = 500;

/** From this one on, the engine tells the fetch mode with every request. */
const firstToTell = 80;

/**
 * Whether a person opened the link, by one request alone. Crawlers, previews and prefetching are
 * machines; what a browser fetched without going there is nobody's click for sure.
 */
export function judgeClick(signs: ClickSigns): ClickKind {
  const agent = signs.agent?.slice(0, mostLooked).trim() ?? '';
  if (signs.method !== 'GET' || agent === '' || signs.isKnownBot) return 'machine';
  if (/\b(?:prefetch|prerender|preview)\b/i.test(signs.purpose?.slice(0, mostLooked) ?? ''))
    return 'machine';
  if (signs.fetchMode === undefined)
    return signs.isTrustworthy && versionOf(agent) >= firstToTell ? 'machine' : 'person';
  return signs.fetchMode === 'navigate' ? 'person' : 'unsure';
}

const versionOf = (agent: string): number =>
  Number(/\bChrom(?:e|ium)\/(\d{1,4})\b/.exec(agent)?.[1] ?? 0);

/** Whoever opens so many different links within seconds looks at none of them. */
export const burstLinks = 3;

/** Nobody reads on and opens another link of the same message within this time. */
export const quickFor = 2 * second;

/** So soon after it was sent nobody has read a message. */
const readingFor = 15 * second;

/** Who seems to be a person may be a program that looks at each mail as it comes in. */
export const judgeSoon = (kind: ClickKind, after: number): ClickKind =>
  kind === 'person' && after < readingFor ? 'unsure' : kind;
