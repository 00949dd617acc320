import { expect, test } from 'vitest';
import { readReport, toMonth } from '../../src/commands/report/read-report.ts';
import { toReportHtml } from '../../src/commands/report/report-html.ts';
import { day } from '../../src/core/time.ts';
import { makeDelivery, makeEntry, makePost } from '../store/kit.ts';
import { addReleased } from './released-kit.ts';
import { openPageContext, type PageContext } from '../web/page-kit.ts';

const at = (text: string) => Date.parse(text);

const write = async (context: PageContext, month?: string) =>
  toReportHtml(await readReport(context, toMonth(context, month)), context.settings);
const part = (html: string, title: string) =>
  new RegExp(`<h2>${title}</h2>[^]*?</section>`).exec(html)?.[0] ?? '';

test('a month says what was published, which posts did best, what failed and why, and what is next', async () => {
  await using context = await openPageContext();
  const { store } = context;
  await store.savePosts([makePost('a', { title: '<b>Best</b>' })]);
  await addReleased(context, [
    { id: 'a', at: at('2026-11-02T10:00Z'), counts: { likes: 1234 }, campaign: 'spring' },
    { id: 'b', at: at('2026-11-03T10:00Z'), counts: { likes: 5 } },
    { id: 'c', at: at('2026-11-04T10:00Z') },
    // In Berlin it is November already, and still October.
    { id: 'd', at: at('2026-10-31T23:30Z'), counts: { likes: 7 } },
    { id: 'e', at: at('2026-10-31T22:30Z'), counts: { likes: 9 } },
  ]);
  await store.appendJournal([
    makeEntry('f1', {
      at: at('2026-11-05T10:00Z'),
      type: 'failed',
      delivery: 'z@x',
      text: 'z@x: the network refuses <script>alert(1)</script>',
    }),
    makeEntry('f2', { at: at('2026-10-05T10:00Z'), type: 'failed', text: 'of October' }),
  ]);
  await store.addDeliveries([
    makeDelivery('n', {
      account: 'x',
      network: 'x',
      state: 'planned',
      at: at('2026-11-25T10:00Z'),
      why: 'turn',
    } as never),
  ]);
  const html = await write(context);
  expect(html).toContain('<h1>Report for November 2026</h1>');
  expect(html).toContain('the month is not over');
  expect(part(html, 'Published')).toContain('4 posts published');
  expect(part(html, 'Best posts')).toMatch(
    /&lt;b&gt;Best&lt;\/b&gt;[^]*1,234[^]*d<[^]*7[^]*b<[^]*5/,
  );
  expect(part(html, 'Engagement')).toMatch(/October 2026[^]*x: Too few posts to tell\./);
  expect(part(html, 'Campaigns')).toMatch(/spring<\/td><td class="n">1</);
  expect(part(html, 'Costs')).toMatch(/0\.00 USD/);
  expect(part(html, 'What failed')).toMatch(/1 failed\.[^]*refuses &lt;script&gt;/);
  expect(html).not.toMatch(/<script|of October|\bundefined\b|\bNaN\b/);
  expect(part(html, 'Scheduled next')).toMatch(/Wed 25 Nov 11:00[^]*n</);
  const october = await write(context, '2026-10');
  expect(october).toContain('The whole month.');
  expect(part(october, 'Published')).toContain('1 post published');
  expect(part(october, 'What failed')).toContain('of October');
});

test('two months with many posts are compared, each as it stood when it ended', async () => {
  await using context = await openPageContext();
  const many = (from: number, likes: number, name: string) =>
    Array.from({ length: 12 }, (_, i) => ({
      id: `${name}${i}`,
      at: from + i * day,
      counts: { likes: likes + i },
    }));
  await addReleased(context, [
    ...many(at('2026-10-02T10:00Z'), 5, 'o'),
    ...many(at('2026-11-02T10:00Z'), 500, 'n'),
  ]);
  expect(part(await write(context), 'Engagement')).toMatch(/x: That is about \d+\.\d\d times/);
});

test('a month with nothing is said so, and what is no month or lies ahead is refused', async () => {
  await using context = await openPageContext();
  const html = await write(context, '2025-02');
  expect(html).toContain('Nothing was published in this month.');
  expect(html).toContain('Nothing failed in this month.');
  for (const month of ['2026-13', '2026-1', 'november', '<b>'])
    expect(() => toMonth(context, month)).toThrow(/is not a month/);
  expect(() => toMonth(context, '2026-12')).toThrow(/in the future/);
  const december = { ...context, clock: { ...context.clock, now: () => at('2027-01-05T00:00Z') } };
  const month = toMonth(december, '2026-12');
  expect([month.isOver, month.until]).toEqual([true, at('2026-12-31T23:00Z')]);
});
