import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import { nameOfAddress } from '../../commands/people/list-people.ts';
import { readSequences } from '../../commands/people/sequences-view.ts';
import { type PersonRecord, readPerson } from '../../commands/people/show-person.ts';
import type { Act } from '../../core/people/act.ts';
import { type Consent, isConfirmed } from '../../core/people/consent.ts';
import { titleOf } from '../../core/people/forms/confirmation.ts';
import type { Dispatch } from '../../core/people/dispatch.ts';
import { media, type Person } from '../../core/people/person.ts';
import { scoreAt } from '../../core/people/score.ts';
import { card, empty, head, link, when } from '../parts/bits.ts';
import type { Html } from '../parts/html.ts';
import { notFound } from '../pages/not-found-page.ts';
import type { PageRequest, PageResult } from '../parts/page.ts';
import { enrolmentRow } from './enrolment-row.ts';
import { actName, dispatchBadge, isTrouble, purposeName, statusBadge } from './people-words.ts';
import { type Acting, personActions } from './person-actions.ts';

const mostMessages = 50;

/** Everything that is kept of one person, and why the next step comes when it does. */
export async function person(context: CommandContext, request: PageRequest): Promise<PageResult> {
  const id = request.params['id'] ?? '';
  const one = await context.store.people.findPerson(id);
  if (!one)
    return notFound(
      html`There is no one with the ID <code>${id.slice(0, 80)}</code>.
        <a href="/people">Show everyone</a>`,
    );
  const [record, { sequences }] = await Promise.all([
    readPerson(context, one),
    readSequences(context),
  ]);
  const acting = { person: one, enrolments: record.enrolments, sequences };
  const isIn = inSequences(context, request, acting);
  return {
    title: one.fields['name'] ?? one.id,
    body: html`${heading(context, one)}
      <div class="split">
        <div>
          ${card({ title: 'Sequences', id: 'enrolments', body: isIn })}
          ${card({ title: 'Messages', body: messages(context, record.dispatches) })}
          ${card({ title: 'What the person did', id: 'acts', body: acts(context, record.acts) })}
        </div>
        <div>
          ${card({ title: 'Actions', body: personActions(request, acting) })}
          ${card({ title: 'Details', body: details(one) })}
          ${card({ title: 'Consents', body: consents(context, record.consents) })}
          ${card({ title: 'Stops', body: stops(context, record) })}
        </div>
      </div>`,
  };
}

function inSequences(
  context: CommandContext,
  request: PageRequest,
  { enrolments, sequences }: Acting,
): Html {
  if (!enrolments.length) return empty('In no sequence yet.');
  const newest = enrolments.toSorted((a, b) => b.enteredAt - a.enteredAt);
  return html`<ul class="rows">
    ${newest.map((enrolment) => enrolmentRow(context, request, { enrolment, sequences }))}
  </ul>`;
}

function heading(context: CommandContext, one: Person): Html {
  const score = Math.round(scoreAt(one, context.clock.now()));
  const { id, status, createdAt, fields } = one;
  const name = fields['name'] ?? id;
  return head(
    name,
    html`${statusBadge(status)} ${name === id ? '' : html`<code>${id}</code> ·`} Score ${score} ·
    since ${when(context, createdAt)}`,
    html`<a class="button" href="/people">All people</a>`,
  );
}

const ways: Record<(typeof media)[number], string> = {
  mail: 'Mail',
  message: 'Message',
  letter: 'Letter',
};

function details({ addresses, fields, zone, lang, takenBy }: Person): Html {
  const rows: [string, string | undefined][] = [
    ...addresses.map((one): [string, string] => [ways[one.medium], nameOfAddress(one)]),
    ...Object.entries(fields),
    ['Time zone', zone],
    ['Language', lang],
    ['Taken by', takenBy],
  ];
  return html`<dl class="facts">
    ${rows.map(([name, value]) =>
      value === undefined
        ? ''
        : html`<dt>${name}</dt>
            <dd>${value}</dd>`,
    )}
  </dl>`;
}

function consents(context: CommandContext, all: readonly Consent[]): Html {
  if (!all.length) return empty('There is no consent, so nothing is sent to this person.');
  return html`<ul class="rows">
    ${all.map((one) => consentRow(context, one))}
  </ul>`;
}

function consentRow(context: CommandContext, one: Consent): Html {
  const { medium, purpose, way, from, words, at, confirmedAt } = one;
  const confirmed =
    confirmedAt === undefined ? '' : html`, confirmed ${when(context, confirmedAt)}`;
  return html`<li>
    <p class="line">
      <b>${ways[medium]} for ${purposeName(purpose)}</b>
      <span class="dim small">by ${way}, ${when(context, at)}${confirmed}</span>
    </p>
    ${
      isConfirmed(one)
        ? ''
        : html`<p class="bad small">Not confirmed yet, so nothing is sent for it.</p>`
    }
    ${quote(words)} ${from === undefined ? '' : html`<p class="why">From ${link(from, from)}</p>`}
  </li>`;
}

const stopReasons: Record<string, string> = {
  unsubscribed: 'the person unsubscribed',
  complaint: 'the person reported a message as spam',
  bounced: 'the address does not take mail',
  operator: 'an operator said so',
  reply: 'the person replied "stop"',
  forgotten: 'the person was forgotten',
};

function stops(context: CommandContext, { stops: all }: PersonRecord): Html {
  if (!all.length) return empty('None. The person may be written to where there is a consent.');
  return html`<ul class="rows">
    ${all.map(
      ({ purpose, at, because }) =>
        html`<li>
          <b>Stopped for ${purposeName(purpose)}</b>
          <p class="why">${when(context, at)}: ${stopReasons[because] ?? because}</p>
        </li>`,
    )}
  </ul>`;
}

function messages(context: CommandContext, all: readonly Dispatch[]): Html {
  if (!all.length) return empty('No message yet.');
  const shown = all.toSorted((a, b) => timeOf(b) - timeOf(a)).slice(0, mostMessages);
  const more = all.length - shown.length;
  return html`<ul class="rows">
      ${shown.map((one) => messageRow(context, one))}
    </ul>
    ${more > 0 ? html`<p class="dim small">${more} earlier ones are not shown.</p>` : ''}`;
}

const timeOf = ({ sentAt, at }: Dispatch) => sentAt ?? at;

const hints: Partial<Record<Dispatch['state'], string>> = {
  uncertain: 'It may or may not have arrived, and is not sent again by itself.',
  held: 'Dripline will send it when that is corrected.',
};

function messageRow(context: CommandContext, one: Dispatch): Html {
  const { state, sequence, step, medium, reason, why } = one;
  const hint = hints[state];
  return html`<li>
    <p class="line">
      ${dispatchBadge(state)} <b>${titleOf({ sequence, step })}</b>
      <span class="dim small">by ${medium}, ${when(context, timeOf(one))}</span>
    </p>
    <p class="${isTrouble(state) ? 'bad small' : 'why'}">${reason ?? why}</p>
    ${hint === undefined ? '' : html`<p class="why">${hint}</p>`}
  </li>`;
}

function acts(context: CommandContext, all: readonly Act[]): Html {
  if (!all.length) return empty('Nothing yet: no click, visit, reply or purchase.');
  return html`<ul class="rows timed">
    ${all.map(
      (one) =>
        html`<li>
          <span class="dim small">${when(context, one.at)}</span>
          <div>
            ${actName(one)}
            ${one.url === undefined ? '' : html`<p class="why">${link(one.url, one.url)}</p>`}
            ${quote(one.words)}
          </div>
        </li>`,
    )}
  </ul>`;
}

const quote = (words: string | undefined): Html | string =>
  words === undefined ? '' : html`<blockquote class="said">${words}</blockquote>`;
