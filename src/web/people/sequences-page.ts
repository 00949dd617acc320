import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import type { Figures } from '../../commands/people/list-sequences.ts';
import {
  type HeldSequence,
  readSequencesView,
  type SequenceView,
} from '../../commands/people/sequences-view.ts';
import { type Resting, tellResting } from '../../commands/people/resting.ts';
import type { Problem } from '../../core/problem.ts';
import { plural } from '../../core/plural.ts';
import { address, badge, card, empty, head, prose } from '../parts/bits.ts';
import type { Html } from '../parts/html.ts';
import { notFound } from '../pages/not-found-page.ts';
import type { PageRequest, PageResult } from '../parts/page.ts';
import { dispatchName, isTrouble } from './people-words.ts';
import { sequenceGraph } from './sequence-graph.ts';

export const sequencePath = (id: string): string => `/sequences/${encodeURIComponent(id)}`;

/** Each sequence with what came of it. */
export async function sequences(
  context: CommandContext,
  _request: PageRequest,
): Promise<PageResult> {
  const { all, held, resting } = await readSequencesView(context);
  return {
    title: 'Sequences',
    body: html`${head('Sequences', 'Series of messages for people who asked for them.')}
    ${restingCard(context, resting)} ${held.map(heldCard)}
    ${
      all.length
        ? html`<div class="grid wide">${all.map(shortCard)}</div>`
        : empty(
            held.length
              ? ''
              : html`There are no sequences yet. A folder below <code>posts/</code> with a
                  <code>_sequence.yaml</code> and a Markdown file for each step is one.`,
          )
    }`,
  };
}

/** One sequence: its figures, its steps from top to bottom, and what the holdout says. */
export async function sequence(
  context: CommandContext,
  { params }: PageRequest,
): Promise<PageResult> {
  const id = params['id'] ?? '';
  const { all, held, resting } = await readSequencesView(context, id);
  const [one] = all;
  const [waiting] = held;
  if (one)
    return {
      title: one.sequence.title,
      body: html`${restingCard(context, resting)} ${onePage(one)}`,
    };
  if (waiting)
    return { title: id, body: html`${head(id, '', allSequences())} ${heldCard(waiting)}` };
  return notFound(
    html`There is no sequence <code>${id.slice(0, 80)}</code>.
      <a href="/sequences">Show all sequences</a>`,
  );
}

const allSequences = (): Html => html`<a class="button" href="/sequences">All sequences</a>`;

function onePage({ sequence, figures, notes }: SequenceView): Html {
  return html`${head(sequence.title, html`<code>${sequence.file}</code>`, allSequences())}
  ${card({
    title: 'Figures',
    aside: html`<a href="${address('/people', { sequence: sequence.id })}">Who is or was in it</a>`,
    body: html`${figureList(figures)} ${holdout(figures)}`,
  })}
  ${notesCard(notes)} ${card({ title: 'Steps', body: sequenceGraph(sequence, figures) })}`;
}

function restingCard({ settings }: CommandContext, resting: readonly Resting[]): Html | string {
  if (resting.length === 0) return '';
  const lines = resting.map((one) => html`<p class="bad">${tellResting(one, settings.zone)}</p>`);
  return card({ title: 'Nothing goes out', body: html`${lines}` });
}

const notesCard = (notes: readonly Problem[]): Html | string =>
  notes.length ? card({ title: 'Notes', body: html`${notes.map(problemLine)}` }) : '';

const problemLine = ({ where, what, hint }: Problem): Html =>
  html`<p><code>${where}</code> ${prose(what)}${hint ? html`: ${prose(hint)}` : ''}</p>`;

function shortCard({ sequence, figures }: SequenceView): Html {
  const { id, title, steps } = sequence;
  return card({
    title: html`<a class="title" href="${sequencePath(id)}">${title}</a>`,
    id: `sequence-${id}`,
    aside: html`<span class="dim small">${plural(steps.length, 'step')}</span>`,
    body: html`${figureList(figures)} ${troubles(figures)} ${holdout(figures)}`,
  });
}

function figureList(one: Figures): Html {
  const all: [string, number][] = [
    ['entered', one.entered],
    ['in it', one.live],
    ['reached the goal', one.reached],
    ['finished', one.finished],
    ['left', one.left],
    ['stopped', one.stopped],
  ];
  return html`<dl class="figures">
    ${all.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

function troubles({ steps }: Figures): Html | string {
  const counts = (['held', 'failed', 'uncertain', 'bounced'] as const)
    .filter(isTrouble)
    .map((state) => ({
      state,
      count: steps.reduce((sum, { states }) => sum + (states[state] ?? 0), 0),
    }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${count} ${dispatchName(state)}`);
  return counts.length ? html`<p class="bad small">Messages: ${counts.join(', ')}.</p>` : '';
}

const points = (share: number): string => `${Math.round(share * 1000) / 10}`;

/** What the sequence adds, compared with those who got nothing. */
function holdout({ holdout: count, effect }: Figures): Html | string {
  if (count === 0) return '';
  const group = `Holdout: ${plural(count, 'person gets', 'people get')} nothing`;
  if (!effect)
    return html`<p class="why">${group}. There are too few people to tell what it adds.</p>`;
  const { difference, low, high } = effect;
  const isSure = low > 0 || high < 0;
  return html`<p class="why">
    ${group}. The sequence changes the share that reaches the goal by
    <b>${points(difference)} percentage points</b> (95 %: ${points(low)} to
    ${points(high)})${isSure ? '' : ', which may be chance'}.
  </p>`;
}

/** Nobody is lost: whoever is in it waits until it can be read again. */
function heldCard({ id, live, problems }: HeldSequence): Html {
  const who = live
    ? `${plural(live, 'person is', 'people are')} on hold where they are, and nobody is lost.`
    : 'No one is in it.';
  return card({
    title: id,
    id: `held-${id}`,
    look: 'fix',
    aside: badge('held', 'on hold'),
    body: html`<p>${who}</p>
      ${problems.length ? problems.map(problemLine) : folderGone(id)}
      ${
        problems.length
          ? html`<p class="why">Correct the file. Dripline reads it again and resumes.</p>`
          : ''
      }`,
  });
}

const folderGone = (id: string): Html =>
  html`<p>
    Its folder is gone from <code>posts/</code>. Put it back to resume, or stop the sequence for
    <a href="${address('/people', { sequence: id })}">each person in it</a>.
  </p>`;
