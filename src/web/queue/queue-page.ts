import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import { readBrokenFiles } from '../../commands/posts-view/broken-files.ts';
import { isNarrow, toPostFilter } from '../../commands/posts-view/post-filter.ts';
import {
  type QueuePage,
  type QueueTab,
  queueTabNames,
  readQueuePage,
} from '../../commands/posts-view/queue-posts.ts';
import { plural } from '../../core/plural.ts';
import { address, empty, head, toNumber } from '../parts/bits.ts';
import { pager } from '../parts/filters.ts';
import type { Html } from '../parts/html.ts';
import type { PageRequest, PageResult } from '../parts/page.ts';
import { brokenCards } from './broken-cards.ts';
import { bulkBar } from './bulk-form.ts';
import { filterForm } from './filter-form.ts';
import { postCard } from './post-card.ts';

const perPage = 25;

interface Tab {
  name: string;
  about: string;
}

const tabs: Record<QueueTab, Tab> = {
  planned: { name: 'Scheduled', about: 'These posts have a time. The next one is first.' },
  queued: {
    name: 'Queued',
    about: 'These posts are next in line. Dripline schedules them two weeks ahead.',
  },
  waiting: { name: 'Waiting', about: 'These posts wait for something. Each one says for what.' },
  'under way': {
    name: 'In progress',
    about: 'These posts are being published, or it is not known whether they were published.',
  },
  released: { name: 'Published', about: 'These posts are published. The newest one is first.' },
  ended: { name: 'Ended', about: 'These posts were not published, or will not be published.' },
};

/** What is published, when, where, and why then: a card for each post. */
export async function queue(context: CommandContext, request: PageRequest): Promise<PageResult> {
  const { query } = request;
  const tab = queueTabNames.find((name) => name === query.get('show')) ?? 'planned';
  const filter = toPostFilter(context.settings, (name) => query.get(name));
  const wanted = toPlace(query);
  const page = await readQueuePage(context, { tab, filter, from: wanted.from, limit: perPage });
  const place = { ...wanted, from: page.from, passed: Math.min(wanted.passed, page.from) };
  const to = (words: Record<string, string | number | undefined>) =>
    address('/queue', { show: tab, ...filter, ...words });
  const isNarrowed = isNarrow(filter);
  const isFirst = place.from === 0 && (tab === 'planned' || tab === 'waiting');
  return {
    title: 'Queue',
    body: html`${head('Queue', 'What is published, when, where, and why then.')}
      <nav class="tabs" aria-label="Parts of the queue">
        ${queueTabNames.map((name) => tabLink(page, name, { to, isCurrent: name === tab }))}
      </nav>
      ${filterForm(context, { path: '/queue', filter, keep: { show: tab } })}
      ${isFirst && !isNarrowed ? brokenCards(await readBrokenFiles(context)) : ''}
      <section class="card" aria-label="Posts">
        <p class="dim">${tabs[tab].about}</p>
        ${
          page.posts.length
            ? list(context, request, { page, tab, only: filter.account })
            : empty(emptyTab(tab, isNarrowed, page))
        }
      </section>
      ${pager({
        newer: place.from > 0 ? to(before(place)) : undefined,
        older: page.next === undefined ? undefined : to(behind(place, page)),
        about: tellRange(page, { tab, passed: place.passed, isNarrowed }),
        names: ['Previous', 'Next'],
      })}`,
  };
}

/** Where a page of the list begins. A post has several deliveries, and it stands with the first. */
interface Place {
  /** In deliveries. */
  from: number;
  /** In posts. */
  passed: number;
  /** Where each page before began: `0.0`, `76.25`. */
  trail: string[];
}

const longestTrail = 60;

function toPlace(query: URLSearchParams): Place {
  const from = toNumber(query.get('from')) ?? 0;
  const passed = Math.min(from, toNumber(query.get('passed')) ?? from);
  const trail = (query.get('trail') ?? '').split('-').filter((one) => /^\d+\.\d+$/.test(one));
  return { from, passed, trail: trail.slice(-longestTrail) };
}

function before({ trail }: Place) {
  const [from, passed] = (trail.at(-1) ?? '').split('.').map(Number);
  const rest = trail.slice(0, -1).join('-');
  return from ? { from, passed, trail: rest || undefined } : {};
}

const behind = ({ from, passed, trail }: Place, { posts, next }: QueuePage) => ({
  from: next,
  passed: passed + posts.length,
  trail: [...trail, `${from}.${passed}`].slice(-longestTrail).join('-'),
});

const tabLink = (
  page: QueuePage,
  name: QueueTab,
  { to, isCurrent }: { to: (words: { show: string }) => string; isCurrent: boolean },
): Html =>
  html`<a href="${to({ show: name })}" ${isCurrent ? html`aria-current="true"` : ''}
    >${tabs[name].name} <span class="num">${tellCount(page, name)}</span></a
  >`;

const tellCount = ({ counts, cut }: QueuePage, name: QueueTab): string =>
  `${counts[name].toLocaleString('en')}${cut.includes(name) ? '+' : ''}`;

interface Range {
  tab: QueueTab;
  passed: number;
  isNarrowed: boolean;
}

function tellRange(page: QueuePage, { tab, passed, isNarrowed }: Range): string {
  const { posts, counts, next } = page;
  if (!posts.length) return '';
  const range = `${passed + 1} to ${passed + posts.length}`;
  if (isNarrowed) return next === undefined ? `${range}. There are no more` : range;
  const isCut = page.cut.includes(tab);
  const told = `${range} of ${isCut ? 'more than ' : ''}${plural(counts[tab], 'post')}`;
  return isCut && next === undefined
    ? `${told}. The list ends here: the journal tells of the others`
    : told;
}

function emptyTab(tab: QueueTab, isNarrowed: boolean, { next }: QueuePage): string {
  if (isNarrowed)
    return next === undefined
      ? 'No post here fits the filter.'
      : 'None of the posts so far fits the filter. Next looks further.';
  return tab === 'planned'
    ? 'Nothing is scheduled. Write a post, or see what is waiting.'
    : 'There is nothing here.';
}

interface Listed {
  page: QueuePage;
  tab: QueueTab;
  only: string | undefined;
}

function list(
  context: CommandContext,
  request: PageRequest,
  { page: { posts, titles }, tab, only }: Listed,
): Html {
  const rows = posts
    .flatMap(({ deliveries }) => deliveries)
    .sort((a, b) => (a.at ?? Infinity) - (b.at ?? Infinity) || 0);
  const canSelect = tab === 'planned' || tab === 'queued' || tab === 'waiting';
  return html`${canSelect ? bulkBar(context, request, posts.length) : ''}
    <ul class="post-cards">
      ${posts.map((one) => postCard(context, request, { tab, one, rows, titles, account: only }))}
    </ul>`;
}
