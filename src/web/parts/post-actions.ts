import { html } from 'hono/html';
import type { CommandContext } from '../../commands/command.ts';
import { type Delivery, isOpen, type State } from '../../core/delivery/delivery.ts';
import { networkNames } from '../../core/network/network.ts';
import { formatClock, type Instant, localDate, localMinutes, toIso } from '../../core/time.ts';
import {
  type ActionOptions,
  button,
  type ButtonOptions,
  type Choice,
  choices,
  fieldForm,
} from './form.ts';
import type { Html } from './html.ts';
import type { PageRequest } from './page.ts';

/** The path of this page with its query, for an action to come back to. */
export const backTo = ({ path, query }: PageRequest): string => {
  const words = query.toString();
  return words === '' ? path : `${path}?${words}`;
};

export const optionsOf = (request: PageRequest): ActionOptions => ({
  csrf: request.csrf,
  back: backTo(request),
});

/** What a person can do about a delivery that failed or is uncertain. */
export function troubleActions(request: PageRequest, one: Delivery): Html {
  switch (one.state) {
    case 'uncertain':
      return settleActions(request, one);
    case 'failed':
    case 'missed':
    case 'expired': {
      const label = one.receipts.length ? 'Continue the thread' : 'Try again';
      const retry: Choice = { verb: 'retry', label, look: 'main' };
      return choices(one.id, one.receipts.length ? [retry] : [retry, withdraw], {
        ...optionsOf(request),
        about: one.id,
      });
    }
    default:
      return html``;
  }
}

function settleActions(request: PageRequest, { id, account, network }: Delivery): Html {
  const name = networkNames[network];
  const published = fieldForm('settle', {
    args: [id, 'released'],
    field: { label: `URL of the post on ${name}`, type: 'url', placeholder: 'https://…' },
    label: 'It was published',
    ...optionsOf(request),
  });
  const missing = button('settle', {
    args: [id, 'not-released'],
    label: 'It was not published',
    confirm: `You checked ${name}, and ${account} has no such post. ${id} returns to the queue.`,
    ...optionsOf(request),
  });
  return html`${published} ${missing}`;
}

const withdraw: Choice = { verb: 'withdraw', label: 'Withdraw' };

/** For a delivery, or for a post on all its accounts. */
export const approvalActions = (request: PageRequest, id: string): Html =>
  choices(
    id,
    [
      { verb: 'approve', label: 'Approve', look: 'main' },
      { verb: 'reject', label: 'Reject' },
    ],
    { ...optionsOf(request), about: id },
  );

export const isUnapproved = ({ terms, approvedHash, state }: Delivery): boolean =>
  terms.approval === true && isOpen(state) && approvedHash !== terms.hash;

const troubled: readonly State[] = ['uncertain', 'failed', 'missed', 'expired'];

/** Everything that a person can do with a delivery that is not published. */
export function allActions(context: CommandContext, request: PageRequest, one: Delivery): Html {
  if (troubled.includes(one.state))
    return html`<div class="buttons">${troubleActions(request, one)}</div>`;
  if (one.state === 'skipped' || one.state === 'withdrawn')
    return html`<div class="buttons">
      ${actionButton(request, one, { verb: 'move', args: ['bottom'], label: 'Back to the queue' })}
    </div>`;
  if (!isOpen(one.state)) return html``;
  return html`<div class="buttons">${openActions(request, one)}</div>
    ${moveForm(context, request, one)}`;
}

function openActions(request: PageRequest, one: Delivery): Html {
  const skip: Choice = { verb: 'skip', label: 'Skip' };
  return html`${isUnapproved(one) ? approvalActions(request, one.id) : ''}
  ${choices(one.id, [skip, top, bottom], { ...optionsOf(request), about: one.id })}
  ${actionButton(request, one, {
    verb: 'now',
    label: 'Publish now',
    options: { yes: true, wait: '15' },
    confirm: `${one.id} is published on ${networkNames[one.network]} at once.`,
  })}
  ${actionButton(request, one, {
    verb: 'withdraw',
    label: 'Withdraw',
    confirm: `${one.id} is taken out of the queue. Undo brings it back.`,
  })}`;
}

type OwnButton = Pick<ButtonOptions, 'label' | 'args' | 'options' | 'confirm'> & { verb: string };

const actionButton = (request: PageRequest, { id }: Pick<Delivery, 'id'>, own: OwnButton): Html =>
  button(own.verb, {
    ...own,
    ...optionsOf(request),
    args: [id, ...(own.args ?? [])],
    name: `${own.label}: ${id}`,
  });

const top: Choice = { verb: 'move', label: 'To the top', more: 'top' };
const bottom: Choice = { verb: 'move', label: 'To the bottom', more: 'bottom' };

export function moveForm(
  { settings, clock }: CommandContext,
  request: PageRequest,
  { id, at }: { id: string; at?: Instant | undefined },
): Html {
  const value = toFieldTime(at ?? clock.now() + 3_600_000, settings.zone);
  const field = { label: `Move to (${settings.zone})`, type: 'datetime-local', value } as const;
  return fieldForm('move', {
    ...optionsOf(request),
    args: [id],
    field,
    label: 'Move',
    name: `Move ${id} to this time`,
  });
}

export interface Whole {
  /** The post, or one of its runs. */
  id: string;
  /** Its deliveries that are not out yet. */
  open: readonly Delivery[];
}

/** What a person can do with a post on all its accounts at once. */
export function wholeActions(
  context: CommandContext,
  request: PageRequest,
  { id, open }: Whole,
): Html {
  const where = open.length > 1 ? `on ${open.length} accounts` : `on ${open[0]?.account}`;
  const skip: Choice = { verb: 'skip', label: 'Skip' };
  const own = (words: OwnButton) => actionButton(request, { id }, words);
  const at = Math.min(...open.map((one) => one.at ?? Infinity));
  return html`<div class="whole-body" role="group" aria-label="Change ${id} ${where}">
    <div class="buttons">
      ${open.some(isUnapproved) ? approvalActions(request, id) : ''}
      ${choices(id, [top, bottom, skip], { ...optionsOf(request), about: `${id} ${where}` })}
    </div>
    ${moveForm(context, request, { id, at: at < Infinity ? at : undefined })}
    <div class="buttons">
      ${own({
        verb: 'now',
        label: 'Publish now',
        options: { yes: true, wait: '15' },
        confirm: `${id} is published ${where} at once.`,
      })}
      ${own({
        verb: 'skip',
        label: 'Skip for good',
        options: { 'for-good': true },
        confirm: `${id} will not be published ${where}. Undo brings it back.`,
      })}
      ${own({
        verb: 'withdraw',
        label: 'Withdraw',
        confirm: `${id} is taken out of the queue ${where}. Undo brings it back.`,
      })}
    </div>
  </div>`;
}

/** The format of date and time fields: the local time of the zone. */
export const toFieldTime = (at: Instant, zone: string): string =>
  `${localDate(at, zone)}T${formatClock(localMinutes(at, zone))}`;

/** Earlier and later take the slot of a neighbour, which is rescheduled. */
export function moveChoices(
  one: Delivery,
  { earlier, later }: { earlier?: Instant; later?: Instant },
): Choice[] {
  const moveTo = (label: string, at: Instant | undefined): Choice[] =>
    at === undefined ? [] : [{ verb: 'move', label, more: toIso(at) }];
  return [
    ...moveTo('Earlier', earlier),
    ...moveTo('Later', later),
    top,
    bottom,
    { verb: 'skip', label: one.state === 'planned' ? 'Skip' : 'To the end' },
  ];
}
