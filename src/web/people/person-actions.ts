import { html } from 'hono/html';
import { type Enrolment, isLive } from '../../core/people/enrolment.ts';
import type { Person, PersonStatus } from '../../core/people/person.ts';
import type { Sequence } from '../../core/people/sequence.ts';
import { button, selectForm } from '../parts/form.ts';
import type { Html } from '../parts/html.ts';
import type { PageRequest } from '../parts/page.ts';
import { optionsOf } from '../parts/post-actions.ts';

export interface Acting {
  person: Person;
  enrolments: readonly Enrolment[];
  sequences: readonly Sequence[];
}

/** What an operator can do about a person; each is the verb of the same name. */
export function personActions(request: PageRequest, { person, ...acting }: Acting): Html {
  const { id, status } = person;
  const own = { ...optionsOf(request), args: [id] };
  return html`${status === 'stopped' ? '' : enrolForm(request, { person, ...acting })}
    <div class="buttons">
      ${leads
        .filter((one) => isOpen(person, one.status))
        .map(({ verb, label }) => button(verb, { ...own, label, name: `${label}: ${id}` }))}
      ${
        status === 'stopped'
          ? ''
          : button('stop', {
              ...own,
              label: 'Stop everything',
              confirm: tellStopped(person),
            })
      }
      ${button('forget', {
        ...own,
        back: '/people',
        label: 'Forget',
        look: 'danger',
        options: { yes: true },
        confirm: tellForgotten(person),
      })}
    </div>`;
}

/** Whoever was handed over waits for somebody who takes it. */
const isOpen = ({ status, takenBy }: Person, wanted: PersonStatus): boolean => {
  if (wanted === 'active') return status === 'handed-over';
  return wanted === 'handed-over' ? status !== wanted || takenBy === undefined : status !== wanted;
};

const leads: { verb: string; label: string; status: PersonStatus }[] = [
  { verb: 'take', label: 'I take it', status: 'handed-over' },
  { verb: 'later', label: 'Not now', status: 'active' },
  { verb: 'won', label: 'Won', status: 'won' },
  { verb: 'lost', label: 'Lost', status: 'lost' },
];

const tellStopped = ({ id }: Person): string =>
  `Nothing more is sent to ${id}, in any sequence. ` +
  'It holds for the address, and no import ends it.';

const tellForgotten = ({ id }: Person): string =>
  `This erases ${id}: addresses, fields, consents, enrolments, messages, ` +
  'and what the person did. ' +
  'It cannot be undone. Only an unreadable mark of each address stays, so that no import brings ' +
  'the person back.';

function enrolForm(
  request: PageRequest,
  { person: { id }, enrolments, sequences }: Acting,
): Html | string {
  const within = new Set(enrolments.filter(isLive).map(({ sequence }) => sequence));
  const others = sequences.filter((one) => !within.has(one.id));
  if (!others.length) return '';
  return selectForm('enrol', {
    ...optionsOf(request),
    args: [id],
    label: 'Enrol',
    name: `Enrol: ${id}`,
    field: 'Sequence',
    choices: others.map((one) => [one.id, one.title]),
  });
}

export const stopButton = (request: PageRequest, { person, sequence }: Enrolment): Html =>
  button('stop', {
    ...optionsOf(request),
    args: [person, sequence],
    label: 'Stop this sequence',
    name: `Stop this sequence: ${sequence}`,
    confirm: `Nothing more of ${sequence} is sent to ${person}. Other sequences are not changed.`,
  });
