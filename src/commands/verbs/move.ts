import { type Delivery, isOpen } from '../../core/delivery/delivery.ts';
import { movedTo, movedToBottom, movedToTop } from '../../core/delivery/moves.ts';
import { Refusal } from '../../core/problem.ts';
import { formatLocal, type Instant, minute, toIso } from '../../core/time.ts';
import { parseWhen, whyNoTime } from '../../core/when.ts';
import { approvalMissing } from '../../flow/plan/candidates.ts';
import { changeAll } from '../change.ts';
import { type Command, type CommandContext, WrongUsage } from '../command.ts';
import { busy, findDeliveries, list, pickApplicable } from '../find.ts';
import { stateClause } from '../publishing-words.ts';

export const move: Command = {
  name: 'move',
  args: '<id> <when...>',
  help: 'reschedule: to a time, or to the top or bottom of the queue',
  examples: ['move hello tomorrow 8:30', 'move hello@bsky top'],
  async run(context, { args: [id, ...words] }) {
    const { clock } = context;
    const goal = readGoal(context, id, words.join(' '));
    const deliveries = pickApplicable(await findDeliveries(context, id), 'move', (one) =>
      whyNot(one, goal, context),
    );
    const to = describeGoal(goal, context.settings.zone);
    const changed = await changeAll(context, {
      verb: 'move',
      type: 'moved',
      deliveries,
      text: (one) => `${one.id} was moved to ${to}`,
      change: (one) => moveTo(one, goal, clock.now()),
    });
    return {
      text: [`${list(changed)}: moved to ${to}.`, ...changed.flatMap(tellWaiting)].join(' '),
      json: {
        moved: changed.map((one) => one.id),
        ...(typeof goal === 'number' ? { at: toIso(goal) } : { to: goal }),
      },
    };
  },
};

/** Its new place takes effect only when nothing holds it any longer. */
function tellWaiting(one: Delivery): string[] {
  const held = one.terms.held ?? approvalMissing(one);
  return held ? [`${one.id} ${held.text.replace(/^waits/, 'still waits')}.`] : [];
}

type Goal = 'top' | 'bottom' | Instant;

function readGoal(
  { clock, settings }: CommandContext,
  id: string | undefined,
  words: string,
): Goal {
  if (words === 'top' || words === 'bottom') return words;
  const at = parseWhen(words, clock.now(), settings.zone);
  if (at === undefined)
    throw new WrongUsage(
      `${whyNoTime(words, clock.now(), settings.zone)}. ` +
        'Use tomorrow 8:30, fri 9am, 2h, 2026-12-01 09:00, top or bottom',
    );
  if (at <= clock.now() - minute)
    throw new Refusal(
      `${formatLocal(at, settings.zone)} is in the past. Use \`now ${id}\` to publish it at once`,
    );
  return at;
}

const describeGoal = (goal: Goal, zone: string) =>
  typeof goal === 'number' ? `${formatLocal(goal, zone)} (${zone})` : `the ${goal} of the queue`;

function moveTo(one: Delivery, goal: Goal, now: Instant): Delivery {
  switch (goal) {
    case 'top':
      return movedToTop(one, now);
    case 'bottom':
      return movedToBottom(one, now);
    default:
      return movedTo(one, { at: goal, now });
  }
}

const closed = ['failed', 'missed', 'expired', 'skipped', 'withdrawn'];

function whyNot(one: Delivery, goal: Goal, context: CommandContext): string | undefined {
  const isMovable = isOpen(one.state) || (closed.includes(one.state) && !one.receipts.length);
  return (
    busy(one) ?? endsBefore(one, goal, context) ?? (isMovable ? undefined : stateClause(one.state))
  );
}

function endsBefore(
  { terms: { expires } }: Delivery,
  goal: Goal,
  { clock, settings }: CommandContext,
): string | undefined {
  if (typeof goal !== 'number' || expires === undefined) return undefined;
  return expires > clock.now() && expires <= goal
    ? `expires ${formatLocal(expires, settings.zone)}: change \`expires\` in its file first`
    : undefined;
}
