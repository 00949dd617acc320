import type { Context, Hono } from 'hono';
import { html } from 'hono/html';
import { everything } from '../../core/people/consent.ts';
import { isLive } from '../../core/people/enrolment.ts';
import { absentPage, doorHeaders, formPage } from '../door-pages.ts';
import type { Wording } from '../../core/people/wording/wording.ts';
import type { Env } from '../link-routes.ts';
import { readBody } from './read-body.ts';
import type { StepClicks } from './step-clicks.ts';
import { findReader, type PeopleDoor, type Reader } from './people-door.ts';

/** Of our own form: with all sequences that there may be. */
const largest = 16 * 1024;

/**
 * `/u/TOKEN`: a look changes nothing, since scanners and previews open every link. A POST ends it
 * at once, also the one that mail programs send; with a choice it ends what is not kept.
 */
export function addUnsubscribeRoutes(
  app: Hono<Env>,
  door: PeopleDoor,
  steps: Pick<StepClicks, 'look'>,
): void {
  app.get('/u/:token', async (c) => {
    const reader = await findReader(door, c.req.param('token'));
    // Whoever opens this and another link at once is a scanner.
    if (reader) steps.look(reader.dispatch);
    return reader ? await ask(c, door, reader) : c.html(absentPage(), 404, doorHeaders);
  });
  app.post('/u/:token', async (c) => {
    const reader = await findReader(door, c.req.param('token'));
    if (!reader) return c.html(absentPage(), 404, doorHeaders);
    const words = door.languages.choose(c.req.header('accept-language'));
    const sent = await readSent(c);
    if (sent.get('what') === 'chosen') return keepChosen(c, { door, reader, sent, words });
    const purpose = sent.get('what') === 'everything' ? everything : reader.sequence;
    if (reader.person) await door.unsubscribe(reader.person, purpose);
    return c.html(formPage({ words, title: words.stopped, body: html`` }), 200, doorHeaders);
  });
}

/** A body that is longer than our own form is not ours: it means this sequence alone. */
async function readSent(c: Context<Env>): Promise<URLSearchParams> {
  const text = await readBody(c, largest).catch(() => undefined);
  return new URLSearchParams(text ?? '');
}

interface Choosing {
  door: PeopleDoor;
  reader: Reader;
  sent: URLSearchParams;
  words: Wording;
}

/** What has begun since the page was opened was not on it, and goes on. */
async function keepChosen(c: Context<Env>, { door, reader, sent, words }: Choosing) {
  const { person } = reader;
  const [shown, kept] = ['shown', 'keep'].map((name) => new Set(sent.getAll(name))) as [
    Set<string>,
    Set<string>,
  ];
  const own = person ? await listOwn(door, person.id) : [];
  for (const { id } of own)
    if (person && shown.has(id) && !kept.has(id)) await door.unsubscribe(person, id);
  const left = own.filter(({ id }) => kept.has(id) || !shown.has(id)).map(({ title }) => title);
  const body = left.length > 0 ? html`<p>${words.stillGet(left.join(', '))}</p>` : html``;
  return c.html(formPage({ words, title: words.chosen, body }), 200, doorHeaders);
}

async function ask(c: Context<Env>, door: PeopleDoor, reader: Reader) {
  const words = door.languages.choose(c.req.header('accept-language'));
  const { sequence, person } = reader;
  const title = (await door.titleOf(sequence)) ?? sequence;
  const own = person ? await listOwn(door, person.id) : [];
  const hasOthers = own.some(({ id }) => id !== sequence);
  const body = html`<p>${words.unsubscribeFrom} <b>${title}</b>.</p>
    <form method="post">
      <button name="what" value="one">${words.unsubscribe}</button>
      ${
        hasOthers
          ? html`<button class="plain" name="what" value="everything">
              ${words.unsubscribeAll}
            </button>`
          : ''
      }
    </form>
    ${hasOthers ? choice(words, own) : ''}`;
  return c.html(formPage({ words, title: words.unsubscribeTitle, body }), 200, doorHeaders);
}

interface Own {
  id: string;
  title: string;
}

const choice = (words: Wording, own: readonly Own[]) =>
  html`<form method="post">
    <fieldset>
      <legend>${words.choose}</legend>
      ${own.map(
        ({ id, title }) =>
          html`<label
            ><input type="hidden" name="shown" value="${id}" /><input
              type="checkbox"
              name="keep"
              value="${id}"
              checked
            />${title}</label
          >`,
      )}
    </fieldset>
    <button name="what" value="chosen">${words.saveChoice}</button>
  </form>`;

/** What the person is in, by its title. */
async function listOwn(door: PeopleDoor, person: string): Promise<Own[]> {
  const all = await door.store.people.listEnrolments({ person });
  const ids = [...new Set(all.filter(isLive).map(({ sequence }) => sequence))];
  const own = await Promise.all(
    ids.map(async (id) => ({ id, title: (await door.titleOf(id)) ?? id })),
  );
  return own.toSorted((a, b) => a.title.localeCompare(b.title));
}
