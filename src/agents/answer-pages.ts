import { z } from 'zod';
import { pickDefined } from '../core/pick-defined.ts';
import type { Answer } from './tools/tool.ts';
import { longestText } from './untrusted.ts';

/** Twice in an answer: as JSON, and as a text for agents that read nothing else. */
const mostBytes = 20_000;

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

export interface Page<T> {
  items: T[];
  total: number;
  /** The `from` of the next page; absent: this was the last. */
  next?: number;
}

export const pageSchema = {
  items: z.array(z.looseObject({})),
  total: z.number().describe('How many there are on all pages'),
  next: z.number().optional().describe('Pass it as `from` to get the next page'),
};

export const fromSchema = z
  .int()
  .min(0)
  .max(1_000_000)
  .default(0)
  .describe('Where the page begins: the `next` of the page before');

const mostItems = 100;

/** As many as fit into an answer; at least one, so that the pages come to an end. */
export async function toPage<S, T>(
  all: readonly S[],
  from: number,
  toItems: (some: readonly S[]) => Promise<T[]> | T[],
): Promise<Page<T>> {
  const items: T[] = [];
  let bytes = 0;
  for (const item of await toItems(all.slice(from, from + mostItems))) {
    bytes += sizeOf(item) + 1;
    if (items.length && bytes > mostBytes) break;
    items.push(item);
  }
  const next = from + items.length;
  return pickDefined({ items, total: all.length, next: next < all.length ? next : undefined });
}

/** From a first look to the last: how long texts and lists may be. */
const passes = [
  { text: longestText, list: 200 },
  { text: 2000, list: 50 },
  { text: 600, list: 20 },
  { text: 200, list: 8 },
  { text: 80, list: 3 },
];

/** An answer that is too long loses the ends of its texts and lists, and says so. */
export function fit(answer: Answer): Answer {
  if (sizeOf(answer) <= mostBytes) return answer;
  for (const pass of passes) {
    const cut = { ...(shorten(answer, pass) as Answer), isCut: true };
    if (sizeOf(cut) <= mostBytes) return cut;
  }
  return { isCut: true };
}

function shorten(value: unknown, most: (typeof passes)[number]): unknown {
  if (typeof value === 'string')
    return value.length > most.text ? `${value.slice(0, most.text)}… (cut)` : value;
  if (Array.isArray(value)) return value.slice(0, most.list).map((one) => shorten(one, most));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, shorten(one, most)] as const),
  );
}
