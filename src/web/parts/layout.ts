import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import { withoutUndoHint } from '../../commands/undo-hint.ts';
import { readServiceState, type ServiceState } from '../../commands/views/overview.ts';
import { tellConfigChange } from '../../commands/views/service-facts.ts';
import { formatLocal, tellSpeed } from '../../core/time.ts';
import { button } from './form.ts';
import { glyphs } from './glyphs.ts';
import type { Html } from './html.ts';
import { pages } from '../pages/all-pages.ts';
import { prose } from './bits.ts';
import type { PageRequest, PageResult } from './page.ts';

export interface LayoutOptions {
  /** The page of the local networks, in the sandbox. */
  sandboxPage?: string | undefined;
  /** There is a session to end: `POST /logout`. */
  canSignOut?: boolean;
}

const shape = 'M12 1.8c3.9 4.7 7 8.4 7 12.2a7 7 0 0 1-14 0c0-3.8 3.1-7.5 7-12.2z';

const drop = html`<svg width="22" height="22" viewBox="0 0 24 24" aria-hidden="true">
  <path fill="currentColor" d="${shape}" />
</svg>`;

const iconSvg =
  `%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E` +
  `%3Cpath fill='%230a8080' d='${shape}'/%3E%3C/svg%3E`;
const icon = `data:image/svg+xml,${iconSvg}`;

/** A page in its frame: navigation, the state of the service, the result of the last action. */
export async function layout(
  context: CommandContext,
  request: PageRequest,
  { title, body, script, sandboxPage, canSignOut = false }: PageResult & LayoutOptions,
): Promise<Html> {
  const state = await readServiceState(context);
  const { settings, clock } = context;
  const { zone } = settings;
  const fast = clock.speed === undefined ? '' : ` ${tellSpeed(clock.speed)}`;
  const sandbox = sandboxPage ? html` <a href="${sandboxPage}">Open the local networks</a>` : '';
  const about = html`Times are in ${zone}.${fast}${sandbox}`;
  return bareLayout(
    titleOf(request, title),
    html`<a class="skip" href="#main">Skip to the content</a>
      <div class="frame">
        <header class="side">
          <a class="brand" href="/">${drop} Dripline</a>
          <a class="button main new" href="/write">New post</a>
          <div id="state"><span class="pill ${toneOf(state)}">${tellState(state, zone)}</span></div>
          ${await navigation(context, request.path)}
          <div class="foot">
            <p>${about}</p>
            <p>Dripline ${context.version}</p>
            ${canSignOut ? signOut(request) : ''}
          </div>
        </header>
        <main id="main" tabindex="-1">
          ${tellChange(state)} ${body}
          <p class="foot-phone">${about}</p>
        </main>
        ${request.flash ? tellFlash(request, request.flash) : ''}
      </div>
      <script src="${script ?? '/live.js'}" defer></script>`,
  );
}

const tellChange = ({ configChange }: ServiceState): Html | string =>
  configChange
    ? html`<p class="banner" id="configuration">${prose(`${tellConfigChange(configChange)}.`)}</p>`
    : '';

async function navigation(context: CommandContext, current: string): Promise<Html> {
  const asked = pages.map(async (page) =>
    ((await page.isShown?.(context)) ?? true) ? [page] : [],
  );
  const shown = (await Promise.all(asked)).flat();
  const items = shown.flatMap(({ path, nav }) => {
    const mark = isCurrent(path, current) ? html`aria-current="page"` : '';
    return nav === undefined ? [] : [html`<li><a href="${path}" ${mark}>${nav}</a></li>`];
  });
  return html`<nav aria-label="Pages">
    <ul>
      ${items}
    </ul>
  </nav>`;
}

const signOut = ({ csrf }: PageRequest): Html =>
  html`<form method="post" action="/logout">
    <input type="hidden" name="csrf" value="${csrf}" /><button class="button">Sign out</button>
  </form>`;

/** Without navigation, for people who are not logged in. */
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
        ${glyphs} ${body}
      </body>
    </html>`;
}

function tellFlash(
  { csrf, path }: PageRequest,
  { text, undo }: NonNullable<PageRequest['flash']>,
): Html {
  return html`<aside class="flash" aria-label="Result">
    <p role="status" tabindex="-1" autofocus>${prose(undo ? withoutUndoHint(text) : text)}</p>
    ${undo ? button('undo', { label: 'Undo', csrf, back: path }) : ''}
  </aside>`;
}

/** What a screen reader says first on a new page: what came of the last action. */
const titleOf = ({ flash }: PageRequest, title: string): string =>
  flash ? `${withoutUndoHint(flash.text).split('\n')[0] ?? ''} · ${title}` : title;

const isCurrent = (path: string, current: string) =>
  path === '/' ? current === '/' : current === path || current.startsWith(`${path}/`);

function toneOf({ running, pause, heldBecause }: ServiceState): string {
  if (!running || heldBecause.length) return 'off';
  return pause ? 'paused' : '';
}

export function tellState(
  { running, pause, isFirstStart, heldBecause }: ServiceState,
  zone: string,
): string {
  if (!running) return 'Not running';
  if (heldBecause.length) return 'Held';
  if (isFirstStart) return 'Waiting for your go-ahead';
  if (!pause) return 'Running';
  return pause.until === undefined ? 'Paused' : `Paused until ${formatLocal(pause.until, zone)}`;
}
