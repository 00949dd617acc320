import { day, hour, type Instant } from '../../core/time.ts';

export interface Article {
  slug: string;
  title: string;
  /** One paragraph, which is also its summary in the feed. */
  text: string;
  at: Instant;
}

/** Pages that posts link to; they are in no feed. */
const pages = new Map<string, Pick<Article, 'title' | 'text'>>([
  [
    'month-of-posts',
    {
      title: 'Plan a month of posts in one afternoon',
      text: 'What to say, how often, and when to say it again: the sheet we fill in ourselves.',
    },
  ],
  [
    'planner',
    {
      title: 'The paper planner',
      text: 'Four weeks on one sheet, with room for the post you will be glad you kept back.',
    },
  ],
  [
    'workshop',
    {
      title: 'Workshop: a month of posts in an afternoon',
      text: 'Two hours, twelve people, one finished queue. Bring a notebook and one good question.',
    },
  ],
]);

const written: readonly (readonly [title: string, text: string])[] = [
  ['The post nobody read twice', 'Why we publish our best idea again, in other words.'],
  ['A queue for two people', 'How a couple with a bakery shares one account without a calendar.'],
  ['What we learned from a quiet week', 'We published half as much. The replies did not halve.'],
  ['Alt text in a minute', 'Three questions to ask a picture before you describe it.'],
  ['Fewer hashtags', 'We counted what ours brought in a year. Two of nine were worth keeping.'],
  ['Reply first, publish later', 'The ten minutes in the morning that do more than any schedule.'],
  [
    'Our numbers, without the fireworks',
    'A plain look at last month: what grew, and what did not.',
  ],
  ['How to end a campaign', 'The last post deserves as much care as the first.'],
  ['One idea, three networks', 'The same thought on X, Bluesky and Mastodon, side by side.'],
  ['The drawer of good posts', 'What we keep in reserve, and when we take it out.'],
  ['Asking better questions', 'Open, small and answerable: what people really reply to.'],
  ['Slow is a schedule', 'A year at three posts a week, and what it added up to.'],
];

const every = 2.5 * day;
const firstAt = Date.UTC(2026, 0, 5, 10);
/** As many as the feed shows. */
const most = 8;

/** The newest first. There is always one more, so that a sandbox that runs for long has news. */
export function listArticles(now: Instant): Article[] {
  const newest = Math.floor((now - firstAt) / every);
  return Array.from({ length: most }, (_, i) => articleAt(newest - i));
}

function articleAt(place: number): Article {
  const count = written.length;
  const [title, text] = written[((place % count) + count) % count] ?? ['', ''];
  const words = title.toLowerCase().replaceAll(/[^a-z]+/g, '-');
  return { slug: `${words}-${place}`, title, text, at: firstAt + place * every };
}

export function findArticle(slug: string, now: Instant): Article | undefined {
  const page = pages.get(slug);
  if (page) return { ...page, slug, at: now - hour };
  const place = Number(/-(\d{1,6})$/.exec(slug)?.[1] ?? Number.NaN);
  const found = Number.isInteger(place) ? articleAt(place) : undefined;
  return found?.slug === slug && found.at <= now ? found : undefined;
}
