import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import { tellCondition } from '../../core/people/condition/tell-condition.ts';
import { nextStep } from '../../core/people/decide-step.ts';
import { type Enrolment, isLive } from '../../core/people/enrolment.ts';
import type { Sequence, Step } from '../../core/people/sequence.ts';
import { when } from '../parts/bits.ts';
import type { Html } from '../parts/html.ts';
import type { PageRequest } from '../parts/page.ts';
import { enrolmentBadge } from './people-words.ts';
import { stopButton } from './person-actions.ts';
import { sequencePath } from './sequences-page.ts';

interface Row {
  enrolment: Enrolment;
  sequences: readonly Sequence[];
}

/** Where a person is in a sequence, and why the next step comes when it does. */
export function enrolmentRow(
  context: CommandContext,
  request: PageRequest,
  { enrolment, sequences }: Row,
): Html {
  const { sequence: id, state, enteredAt, endedAt, isHoldout, run } = enrolment;
  const sequence = sequences.find((one) => one.id === id);
  const ended = endedAt === undefined ? '' : html`, ended ${when(context, endedAt)}`;
  return html`<li id="in-${enrolment.id}">
    <p class="line">
      ${enrolmentBadge(state)}
      <a class="title" href="${sequencePath(id)}">${sequence?.title ?? id}</a>
      <span class="dim small"
        >${run > 1 ? `time ${run}, ` : ''}entered ${when(context, enteredAt)}${ended}</span
      >
    </p>
    ${
      isHoldout
        ? html`<p class="why">In the holdout: gets nothing, and is compared with the others.</p>`
        : ''
    }
    ${isLive(enrolment) ? ahead(context, enrolment, sequence) : over(enrolment)}
    ${isLive(enrolment) ? html`<div class="buttons">${stopButton(request, enrolment)}</div>` : ''}
  </li>`;
}

const over = ({ why, place }: Enrolment): Html =>
  html`<p class="why">
    ${place ? html`Last step: ${place.step}. ` : ''}${why === undefined ? '' : `Why: ${why}.`}
  </p>`;

function ahead(
  context: CommandContext,
  enrolment: Enrolment,
  sequence: Sequence | undefined,
): Html {
  const { place, nextAt, why = '', heldBecause } = enrolment;
  const done = place
    ? html`Last step: ${place.step}, ${when(context, place.at)}.`
    : 'At its beginning.';
  if (heldBecause !== undefined)
    return html`<p class="why">${done}</p>
      <p class="bad small">On hold: ${heldBecause}. It resumes when that is corrected.</p>`;
  const next = sequence && nextStep(sequence, enrolment);
  const about = why === '' ? '' : `: ${why}`;
  if (nextAt === undefined) return html`<p class="why">${done} Now${about}.</p>`;
  const name = next === undefined ? 'Next look' : tellNext(next);
  const at = nextAt <= context.clock.now() ? 'within a minute' : when(context, nextAt);
  return html`<p class="why">${done}</p>
    <p class="small">${name}, ${at}${about}.</p>`;
}

/** Its condition is judged when its time has come. */
const tellNext = ({ id, subject = id, when: condition }: Step): Html =>
  html`Next: <b>${subject.includes('{{') ? id : subject}</b>${
      condition === undefined ? '' : html` if <code>${tellCondition(condition)}</code>`
    }`;
