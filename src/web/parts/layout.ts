import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import { readServiceState, type ServiceState } from '../../commands/views/overview.ts';
import { formatLocal } from '../../core/time.ts';
import { button } from './form.ts';
import type { Html } from './html.ts';
import { pages } from '../pages/all-pages.ts';
import { prose } from './bits.ts';
import type { PageRequest, PageResult } from './page.ts';

export interface LayoutOptions {
  /** Where the local networks show what they have, in the sandbox. */
  sandboxPage?: string | undefined;
  /** There is a session that can be ended: `POST /logout`. */
  canSignOut?: boolean;
}

const drop = html`<svg width="22" height="22" viewBox="0 0 24 24" aria-hidden="true">
  <path fill="currentColor" d="M12 1.8c3.9 4.7 7 8.4 7 12.2a7 7 0 0 1-14 0c0-3.8 3.1-7.5 7-12.2z" />
</svg>`;

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Cpath fill='%230a8080' d='M12 1.8c3.9 4.7 7 8.4 7 12.2a7 7 0 0 1-14 0c0-3.8 3.1-7.5 7-12.2z'/%3E%3C/svg%3E";

/** A page in its frame: navigation, the service's state, what the last action came to. */
export async function layout(
  context: CommandContext,
  request: PageRequest,
  { title, body }: PageResult,
  options: LayoutOptions = {},
): Promise<Html> {
  const state = await readServiceState(context);
  const { zone } = context.settings;
  const about = html`Times are of
  ${zone}.${options.sandboxPage ? html` <a href="${options.sandboxPage}">What the local networks show</a>` : ''}`;
  return bareLayout(
    title,
    html`<a class="skip" href="#main">Skip to the content</a>
      <div class="frame">
        <header class="side">
          <a class="brand" href="/">${drop} Dripline</a>
          <div id="state"><span class="pill ${toneOf(state)}">${tellState(state, zone)}</span></div>
          <nav aria-label="Pages">
            <ul>
              ${pages.map(({ path, nav }) => (nav === undefined ? '' : html`<li><a href="${path}" ${isCurrent(path, request.path) ? html`aria-current="page"` : ''}>${nav}</a></li>`))}
            </ul>
          </nav>
          <div class="foot">
            <p>${about}</p>
            <p>Dripline ${context.version}</p>
            ${options.canSignOut ? html`<form method="post" action="/logout"><input type="hidden" name="csrf" value="${request.csrf}" /><button class="button">Sign out</button></form>` : ''}
          </div>
        </header>
        <main id="main" tabindex="-1">
          ${body}
          <p class="foot-phone">${about}</p>
        </main>
        ${request.flash ? tellFlash(request, request.flash) : ''}
      </div>
      <script src="/live.js" defer></script>`,
  );
}

/** Without navigation: for those who are not in yet. */
export function bareLayout(title: string, body: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Dripline</title>
        <link rel="stylesheet" href="/style.css" />
        <link rel="icon" href="${icon}" />
      </head>
      <body>
        ${body}
      </body>
    </html>`;
}

function tellFlash(
  { csrf, path }: PageRequest,
  { text, undo }: NonNullable<PageRequest['flash']>,
): Html {
  return html`<aside class="flash" aria-label="What was done">
    <p role="status">${prose(undo ? text.replace(' `undo` takes it back.', '') : text)}</p>
    ${undo ? button('undo', [], 'Undo', { csrf, back: path }) : ''}
  </aside>`;
}

const isCurrent = (path: string, current: string) =>
  path === '/' ? current === '/' : current === path || current.startsWith(`${path}/`);

const toneOf = ({ running, pause, heldBecause }: ServiceState) =>
  !running || heldBecause.length ? 'off' : pause ? 'paused' : '';

export function tellState(
  { running, pause, isFirstStart, heldBecause }: ServiceState,
  zone: string,
): string {
  if (!running) return 'Not running';
  if (heldBecause.length) return 'Held';
  if (isFirstStart) return 'Waits for your word';
  if (!pause) return 'Running';
  return pause.until === undefined ? 'Paused' : `Paused until ${formatLocal(pause.until, zone)}`;
}
