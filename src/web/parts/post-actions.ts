import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import { type Delivery, isOpen } from '../../core/delivery/delivery.ts';
import { networkNames } from '../../core/network/network.ts';
import { formatClock, type Instant, localDate, localMinutes, toIso } from '../../core/time.ts';
import { button, type Choice, choices, fieldForm } from './form.ts';
import type { Html } from './html.ts';
import type { PageRequest } from './page.ts';

/** The page itself, with what it was asked for: where an action comes back to. */
export const backTo = ({ path, query }: PageRequest): string => {
  const words = query.toString();
  return words === '' ? path : `${path}?${words}`;
};

/** What a person may do about a delivery that needs one. */
export function troubleActions(request: PageRequest, one: Delivery): Html {
  const said = { csrf: request.csrf, back: backTo(request) };
  switch (one.state) {
    case 'uncertain':
      return html`${fieldForm('settle', [one.id, 'released'], { label: 'Address of the post out there', type: 'url', placeholder: 'https://…' }, 'Released', said)}
      ${button('settle', [one.id, 'not-released'], 'Not released', { ...said, confirm: `You have looked at ${one.account}, and ${one.id} is not there. It goes back into the queue.` })}`;
    case 'failed':
    case 'missed':
    case 'expired':
      return choices(
        one.id,
        [
          {
            verb: 'retry',
            label: one.receipts.length ? 'Go on with the thread' : 'Try again',
            look: 'main',
          },
          ...(one.receipts.length ? [] : [withdraw]),
        ],
        {
          ...said,
          about: one.id,
        },
      );
    default:
      return html``;
  }
}

const withdraw: Choice = { verb: 'withdraw', label: 'Withdraw' };

/** Of a delivery, or of a post on all its accounts. */
export const approvalActions = (request: PageRequest, id: string): Html =>
  choices(
    id,
    [
      { verb: 'approve', label: 'Approve', look: 'main' },
      { verb: 'reject', label: 'Reject' },
    ],
    { csrf: request.csrf, back: backTo(request), about: id },
  );

export const isUnapproved = ({ terms, approvedHash, state }: Delivery): boolean =>
  terms.approval === true && isOpen(state) && approvedHash !== terms.hash;

/** Everything that may be done with a delivery that is not out. */
export function allActions(context: CommandContext, request: PageRequest, one: Delivery): Html {
  const said = { csrf: request.csrf, back: backTo(request) };
  if (['uncertain', 'failed', 'missed', 'expired'].includes(one.state))
    return html`<div class="buttons">${troubleActions(request, one)}</div>`;
  if (one.state === 'skipped' || one.state === 'withdrawn')
    return html`<div class="buttons">
      ${button('move', [one.id, 'bottom'], 'Back into the queue', { ...said, name: `Back into the queue: ${one.id}` })}
    </div>`;
  if (!isOpen(one.state)) return html``;
  return html`<div class="buttons">
      ${isUnapproved(one) ? approvalActions(request, one.id) : ''}
      ${choices(one.id, [{ verb: 'skip', label: 'Skip' }, top, bottom], { ...said, about: one.id })}
      ${button('now', [one.id], 'Release now', { ...said, options: { yes: true, wait: '15' }, confirm: `${one.id} goes out on ${networkNames[one.network]} at once.`, name: `Release now: ${one.id}` })}
      ${button('withdraw', [one.id], 'Withdraw', { ...said, confirm: `${one.id} is taken out of the queue. Undo brings it back.`, name: `Withdraw: ${one.id}` })}
    </div>
    ${moveForm(context, request, one)}`;
}

const top: Choice = { verb: 'move', label: 'To the top', more: 'top' };
const bottom: Choice = { verb: 'move', label: 'To the bottom', more: 'bottom' };

export function moveForm(
  { settings, clock }: CommandContext,
  request: PageRequest,
  one: Delivery,
): Html {
  const at = toFieldTime(one.at ?? clock.now() + 3_600_000, settings.zone);
  const field = { label: `Move to (${settings.zone})`, type: 'datetime-local', value: at } as const;
  return fieldForm('move', [one.id], field, 'Move', {
    csrf: request.csrf,
    back: backTo(request),
    name: `Move ${one.id} to this time`,
  });
}

/** As fields of dates and times have it: the wall clock of the zone. */
export const toFieldTime = (at: Instant, zone: string): string =>
  `${localDate(at, zone)}T${formatClock(localMinutes(at, zone))}`;

/**
 * Earlier, later, top and bottom; the first two take the place of a neighbour, which is planned
 * anew.
 */
export function moveChoices(
  one: Delivery,
  { earlier, later }: { earlier?: Instant; later?: Instant },
): Choice[] {
  return [
    ...(earlier === undefined ? [] : [{ verb: 'move', label: 'Earlier', more: toIso(earlier) }]),
    ...(later === undefined ? [] : [{ verb: 'move', label: 'Later', more: toIso(later) }]),
    top,
    bottom,
    { verb: 'skip', label: one.state === 'planned' ? 'Skip' : 'To the end' },
  ];
}
