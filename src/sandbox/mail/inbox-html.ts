import { plural } from '../../core/plural.ts';
import { findWebLinks } from '../../core/text/links.ts';
import { escapeHtml } from '../mastodon/views.ts';
import { renderInstant, renderPage } from '../timeline/timeline-html.ts';
import type { World } from '../world/world.ts';
import type { SandboxMail } from './kept-mails.ts';

const most = 500;

const toInbox = (to: string) => `/mail/${encodeURIComponent(to)}`;
const toMail = ({ to, id }: SandboxMail) => `${toInbox(to)}/${id}`;

const link = (href: string, words: string) =>
  `<a href="${escapeHtml(href)}">${escapeHtml(words)}</a>`;

const crumbs = (...links: string[]) => `<nav class="pages">${links.join(' ')}</nav>`;
const allPosts = link('/', 'All posts');
const allPeople = link('/mail', 'All inboxes');

/** One person's address is one inbox, in whatever case it was written. */
export const inboxOf = (world: World, address: string): SandboxMail[] =>
  world.mails().filter(({ to }) => to.toLowerCase() === address.toLowerCase());

/** Everybody who got a mail, the newest first. */
export function renderInboxes(world: World): string {
  const inboxes = new Map<string, { last: SandboxMail; count: number }>();
  for (const mail of world.mails()) {
    const key = mail.to.toLowerCase();
    const count = (inboxes.get(key)?.count ?? 0) + 1;
    inboxes.delete(key);
    inboxes.set(key, { last: mail, count });
  }
  const rows = [...inboxes.values()].toReversed().slice(0, most);
  const items = rows.map(
    ({ last, count }) => `<li class="row">${link(toInbox(last.to), last.to)}
      <span class="quiet">${plural(count, 'mail')} · ${renderInstant(world, last.at)}</span><br>
      ${escapeHtml(last.subject || 'No subject')}</li>`,
  );
  const list = items.length > 0 ? `<ul class="rows">${items.join('')}</ul>` : '';
  const empty = '<p class="empty">No mail has arrived yet.</p>';
  return renderPage('Inboxes', `<h2>Inboxes</h2>${list || empty}${crumbs(allPosts)}`);
}

/** The mails of one person, the newest first. */
export function renderInbox(world: World, mails: SandboxMail[]): string {
  const [newest, ...others] = mails.toReversed().slice(0, most);
  if (!newest) return '';
  const items = [newest, ...others].map(
    (mail) => `<li class="row">${link(toMail(mail), mail.subject || 'No subject')}<br>
      <span class="quiet">${escapeHtml(mail.from)} · ${renderInstant(world, mail.at)}</span></li>`,
  );
  const heading = `<h2>${escapeHtml(newest.to)}</h2>`;
  const list = `<ul class="rows">${items.join('')}</ul>`;
  return renderPage(newest.to, heading + list + crumbs(allPeople, allPosts));
}

/** One mail: its HTML in a frame of its own, the plain text, and the headers as they came. */
export function renderMailPage(world: World, mail: SandboxMail): string {
  const frame =
    mail.html === ''
      ? ''
      : `<iframe class="mail" title="The mail" src="${escapeHtml(toMail(mail))}/html"
        sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>`;
  const body = `<h2>${escapeHtml(mail.subject || 'No subject')}</h2>
    <p class="quiet">From ${escapeHtml(mail.from)} to ${escapeHtml(mail.to)} ·
      ${renderInstant(world, mail.at)}</p>
    ${frame}
    <details${mail.html === '' ? ' open' : ''}><summary>Plain text</summary>
      <pre class="source">${linked(mail.text)}</pre></details>
    <details><summary>Headers</summary>
      <pre class="source">${escapeHtml(mail.headers)}</pre></details>
    ${crumbs(link(toInbox(mail.to), mail.to), allPeople, allPosts)}`;
  return renderPage(mail.subject || 'Mail', body);
}

function linked(text: string): string {
  let [html, at] = ['', 0];
  for (const { start, end, url } of findWebLinks(text)) {
    html += escapeHtml(text.slice(at, start)) + link(url, url);
    at = end;
  }
  return html + escapeHtml(text.slice(at));
}

/** The mail's own page; its links open beside the frame. */
export const renderMailFrame = ({ html }: SandboxMail): string =>
  /<head[^>]*>/i.test(html.slice(0, 2000))
    ? html.replace(/<head[^>]*>/i, (head) => `${head}<base target="_blank">`)
    : `<base target="_blank">${html}`;
