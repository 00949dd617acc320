import type { Context, Hono } from 'hono';
import { html } from 'hono/html';
import { everything } from '../../core/people/consent.ts';
import { isLive } from '../../core/people/enrolment.ts';
import { absentPage, doorHeaders, formPage } from '../door-pages.ts';
import { wordsFor } from '../door-words.ts';
import type { Env } from '../link-routes.ts';
import { readBody } from './read-body.ts';
import type { StepClicks } from './step-clicks.ts';
import { findReader, type PeopleDoor, type Reader } from './people-door.ts';

const largest = 4096;

/**
 * `/u/TOKEN`: a look changes nothing, since scanners and previews open every link. A POST ends it
 * at once, also the one that mail programs send.
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
    const purpose = (await wantsEverything(c)) ? everything : reader.sequence;
    if (reader.person) await door.unsubscribe(reader.person, purpose);
    const words = wordsFor(c.req.header('accept-language'));
    return c.html(formPage({ words, title: words.stopped, body: html`` }), 200, doorHeaders);
  });
}

/** A body that is longer than our own form is not ours: it means this sequence alone. */
async function wantsEverything(c: Context<Env>): Promise<boolean> {
  const text = await readBody(c, largest).catch(() => undefined);
  return new URLSearchParams(text ?? '').get('what') === 'everything';
}

async function ask(c: Context<Env>, door: PeopleDoor, reader: Reader) {
  const words = wordsFor(c.req.header('accept-language'));
  const { sequence, person } = reader;
  const title = (await door.titleOf(sequence)) ?? sequence;
  const others = person ? await countOthers(door, person.id, sequence) : 0;
  const body = html`<p>${words.unsubscribeFrom} <b>${title}</b></p>
    <form method="post">
      <button name="what" value="one">${words.unsubscribe}</button>
      ${
        others > 0
          ? html`<button class="plain" name="what" value="everything">
              ${words.unsubscribeAll}
            </button>`
          : ''
      }
    </form>`;
  return c.html(formPage({ words, title: words.unsubscribeTitle, body }), 200, doorHeaders);
}

async function countOthers({ store }: PeopleDoor, person: string, but: string): Promise<number> {
  const all = await store.people.listEnrolments({ person });
  return all.filter((one) => isLive(one) && one.sequence !== but).length;
}
