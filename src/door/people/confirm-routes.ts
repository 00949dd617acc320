import type { Context, Hono } from 'hono';
import { html } from 'hono/html';
import { absentPage, doorHeaders, formPage } from '../door-pages.ts';
import type { Wording } from '../../core/people/wording/wording.ts';
import type { Env } from '../link-routes.ts';
import type { FormParts } from './form-routes.ts';
import type { AskedForm, PeopleDoor } from './people-door.ts';

/** `/c/TOKEN`: scanners open it, and change nothing by that; the button confirms. */
export function addConfirmRoutes(
  app: Hono<Env>,
  { door, callerOf }: Pick<FormParts, 'door' | 'callerOf'>,
): void {
  const { tokens } = door;
  app.get('/c/:token', async (c) => {
    const consent = tokens.read('confirm', c.req.param('token'));
    return answer(c, door, consent === undefined ? undefined : await door.findAsked(consent));
  });
  app.post('/c/:token', async (c) => {
    const consent = tokens.read('confirm', c.req.param('token'));
    if (consent === undefined) return answer(c, door, undefined);
    const { address, isHidden } = callerOf(c.env.incoming);
    return answer(c, door, await door.confirm(consent, isHidden ? undefined : address));
  });
}

function answer(c: Context<Env>, { languages }: PeopleDoor, asked: AskedForm | undefined) {
  if (!asked) return c.html(absentPage(), 404, doorHeaders);
  const words = languages.choose(c.req.header('accept-language') ?? asked.lang);
  return c.html(formPage({ words, ...pageFor(words, asked) }), 200, doorHeaders);
}

function pageFor(words: Wording, { is, titles }: AskedForm) {
  const all = titles.join(', ');
  if (is === 'old') return { title: words.oldTitle, body: html`<p>${words.old}</p>` };
  if (is === 'confirmed')
    return { title: words.confirmedTitle, body: html`<p>${words.confirmed(all)}</p>` };
  const body = html`<p>${words.notYet} <b>${all}</b>.</p>
    <form method="post"><button class="large">${words.confirm}</button></form>`;
  return { title: words.confirmTitle, body };
}
