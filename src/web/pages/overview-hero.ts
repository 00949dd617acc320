import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import type { Overview } from '../../commands/views/overview.ts';
import { noteReally, tellReally } from '../../commands/real-time.ts';
import { day, formatLocal } from '../../core/time.ts';
import { account, distance, titleLink, when } from '../parts/bits.ts';
import { type ActionOptions, button, fieldForm } from '../parts/form.ts';
import type { Html } from '../parts/html.ts';
import type { PageRequest } from '../parts/page.ts';
import { sourceOf } from '../parts/words.ts';

/** Whether Dripline is posting, with the buttons to pause and resume. */
export function hero(context: CommandContext, { csrf }: PageRequest, seen: Overview): Html {
  const { state } = seen;
  const options: ActionOptions = { csrf, back: '/' };
  if (state.isFirstStart)
    return heroCard(
      'Waiting for your go-ahead',
      html`Nothing has been published yet. Check the <a href="/queue">queue</a> and the
        <a href="/calendar">calendar</a>, then start posting. ${ahead(context, seen)}`,
      button('resume', { label: 'Start posting', look: 'main', ...options }),
    );
  const left = noteReally(context.clock, state.pause?.until);
  if (state.pause)
    return heroCard(
      tellPause(state.pause, context),
      html`${state.pause.why === undefined ? '' : `Dripline waits: ${state.pause.why}. `} Paused
      from ${sourceOf(state.pause.by)}, ${distance(context, state.pause.since)}. Nothing is
      published, and missed slots are not caught up.${left}`,
      button('resume', { label: 'Resume', look: 'main', ...options }),
    );
  return state.running
    ? heroCard('Running', ahead(context, seen), pauseForms(context, options))
    : heroCard('Not running', notRunning(), pauseForms(context, options));
}

const notRunning = (): Html =>
  html`Nothing is published until Dripline is started: <code>npm start</code>`;

const tellPause = ({ until }: { until?: number }, { settings }: CommandContext): string =>
  until === undefined
    ? 'Paused until resumed'
    : `Paused until ${formatLocal(until, settings.zone)}`;

function ahead(context: CommandContext, { upcoming: [next], titles }: Overview): Html {
  if (next?.at === undefined)
    return html`Nothing is scheduled. Put a Markdown file into the posts folder.`;
  return html`Next: ${titleLink(next, titles)} on ${account(context, next.account)}
  ${when(context, next.at)}, ${distance(context, next.at)}`;
}

/** On the sandbox's clock two hours are over before a page is read. */
const fastPauses: [label: string, stretch: number][] = [
  ['1 day', day],
  ['1 week', 7 * day],
];

function pauseForms({ clock }: CommandContext, options: ActionOptions): Html {
  const pause = (label: string, args: string[], name = label) =>
    button('pause', { args, label, name, ...options });
  const field = { label: 'Until', placeholder: 'fri 9am' };
  return html`<div class="buttons">
      ${pause('Pause', [])}
      ${
        clock.speed === undefined
          ? html`${pause('2 hours', ['2h'], 'Pause for 2 hours')}
            ${pause('Until tomorrow', ['until', 'tomorrow', '9:00'], 'Pause until tomorrow 9:00')}`
          : fastPauses.map(([label, stretch]) =>
              pause(
                `${label} (${tellReally(clock, stretch)})`,
                [label],
                `Pause for ${label} of the sandbox, which takes ${tellReally(clock, stretch)}`,
              ),
            )
      }
    </div>
    <details class="more">
      <summary>Until another time</summary>
      ${fieldForm('pause', { args: ['until'], field, label: 'Pause', ...options })}
    </details>`;
}

const heroCard = (title: string, about: Html, aside: Html): Html =>
  html`<section class="card hero" id="service" aria-label="State of Dripline">
    <div>
      <strong>${title}</strong>
      <p>${about}</p>
    </div>
    <div class="grid">${aside}</div>
  </section>`;
