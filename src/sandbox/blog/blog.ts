import { toIso } from '../../core/time.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Answer, Route } from '../http/routing.ts';
import { escapeHtml } from '../mastodon/views.ts';
import { renderPage } from '../timeline/timeline-html.ts';
import { type Article, findArticle, listArticles } from './articles.ts';

interface BlogContext {
  clock: Clock;
  pageOrigin: () => string;
  toPage: (html: string) => Answer;
  toFeed: (xml: string) => Answer;
  none: () => Answer;
}

/** A small blog with a feed, so that links and feeds have somewhere to lead on this machine. */
export function blogRoutes({ clock, pageOrigin, toPage, toFeed, none }: BlogContext): Route[] {
  return [
    {
      method: 'GET',
      path: '/blog',
      handle: () => toPage(renderBlog(listArticles(clock.now()))),
    },
    {
      method: 'GET',
      path: '/blog/feed.xml',
      handle: () => toFeed(renderFeed(listArticles(clock.now()), pageOrigin())),
    },
    {
      method: 'GET',
      path: '/blog/:slug',
      handle: ({ params }) => {
        const article = findArticle(params.slug ?? '', clock.now());
        return article ? toPage(renderArticle(article)) : none();
      },
    },
  ];
}

const renderBlog = (articles: Article[]) =>
  renderPage('Blog', `<h2>The blog</h2>${articles.map(renderTeaser).join('')}`);

const renderTeaser = ({ slug, title, text }: Article) =>
  `<section class="thread"><article><b><a href="/blog/${slug}">${escapeHtml(title)}</a></b>
    <div class="text">${escapeHtml(text)}</div></article></section>`;

function renderArticle({ title, text }: Article): string {
  const html = `<section class="thread"><article><h2>${escapeHtml(title)}</h2>
    <div class="text">${escapeHtml(text)}</div></article></section>
    <nav class="pages"><a href="/blog">The blog</a></nav>`;
  return renderPage(title, html, [
    ['og:title', title],
    ['og:description', text],
  ]);
}

function renderFeed(articles: Article[], origin: string): string {
  const items = articles.map(
    ({ slug, title, text, at }) => `<item>
<title>${escapeHtml(title)}</title>
<link>${origin}/blog/${slug}</link>
<guid isPermaLink="false">${slug}</guid>
<pubDate>${new Date(toIso(at)).toUTCString()}</pubDate>
<description>${escapeHtml(text)}</description>
</item>`,
  );
  return `<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel>
<title>The blog</title>
<link>${origin}/blog</link>
<description>Notes on publishing a little at a time.</description>
<ttl>360</ttl>
${items.join('\n')}
</channel></rss>
`;
}
