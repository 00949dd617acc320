import { html } from 'hono/html';
import { type Figures, tellClicks } from '../../commands/people/list-sequences.ts';
import { tellCondition } from '../../core/people/condition/tell-condition.ts';
import { dispatchStates } from '../../core/people/dispatch.ts';
import type { Sequence, Start, Step } from '../../core/people/sequence.ts';
import type { Html } from '../parts/html.ts';
import { dispatchName, isTrouble, tellWait } from './people-words.ts';

/** From top to bottom: how people come in, each step with its wait and condition, and the end. */
export function sequenceGraph(sequence: Sequence, { steps: figures }: Figures): Html {
  const { start, steps, goal, leave } = sequence;
  return html`<ol class="flow">
    <li class="end">
      <b>Enters</b>
      <p class="small">
        ${start.length ? start.map(tellStart).join('; ') : 'by an operator alone'}
      </p>
    </li>
    ${steps.map((step, i) => stepNode(step, figures[i], i === 0))}
    <li class="end">
      <b>Ends</b>
      <p class="small">
        After the last
        step${
          goal ? html`; at once when the goal is reached: <code>${tellCondition(goal)}</code>` : ''
        }${leave ? html`; at once when this holds: <code>${tellCondition(leave)}</code>` : ''}.
      </p>
    </li>
  </ol>`;
}

function tellStart(start: Start): string {
  const wait = start.waitFor
    ? `, unless the goal is reached within ${tellWait(start.waitFor)}`
    : '';
  if (start.by === 'form') return `by the form “${start.form}”${wait}`;
  if (start.by === 'reply') return `by the reply “${start.word}”${wait}`;
  return `by the event “${start.event}”${wait}`;
}

type Counted = Figures['steps'][number];

function stepNode(
  { id, subject, waitFor, when, handOver, coupon }: Step,
  counted: Counted | undefined,
  isFirst: boolean,
): Html {
  const from = isFirst ? 'after entering' : 'after the step before it';
  const wait = waitFor > 0 ? `${tellWait(waitFor)} ${from}` : `At once ${from}`;
  return html`<li id="step-${id}">
    <p class="wait">${wait}</p>
    <div class="node">
      <p class="line"><b>${subject ?? id}</b> <span class="dim small">${id}</span></p>
      ${
        when === undefined
          ? ''
          : html`<p class="small">
              Only if <code>${tellCondition(when)}</code>; else it is passed over.
            </p>`
      }
      ${coupon === undefined ? '' : html`<p class="small">Takes a code of ${coupon}.</p>`}
      ${handOver ? html`<p class="small">Hands the person to a human.</p>` : ''} ${counts(counted)}
    </div>
  </li>`;
}

function counts({ states, clicks }: Pick<Counted, 'states' | 'clicks'> = { states: {} }): Html {
  const all = dispatchStates.flatMap((state) => {
    const count = states[state] ?? 0;
    const look = isTrouble(state) ? 'bad' : '';
    return count > 0 ? [html`<li class="${look}">${count} ${dispatchName(state)}</li>`] : [];
  });
  if (!all.length) return html`<p class="dim small">Sent to no one yet.</p>`;
  return html`<ul class="counts small">
    ${all}${clicks ? html`<li>${tellClicks(clicks)}</li>` : ''}
  </ul>`;
}
