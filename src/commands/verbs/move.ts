import { type Delivery, isOpen } from '../../core/delivery/delivery.ts';
import { movedTo, movedToBottom, movedToTop } from '../../core/delivery/moves.ts';
import { Refusal } from '../../core/problem.ts';
import { formatFar, formatLocal, type Instant, minute, toIso } from '../../core/time.ts';
import { parseWhen, whyNoTime } from '../../core/when.ts';
import { approvalMissing } from '../../flow/plan/candidates.ts';
import { changeAll } from '../change.ts';
import { type Command, type CommandContext, WrongUsage } from '../command.ts';
import { busy, findEach, list, pickApplicable, placesOf, tellLeftOut } from '../find.ts';
import { stateClause } from '../publishing-words.ts';

export const move: Command = {
  name: 'move',
  args: '<id> <when...>',
  help: 'reschedule: to a time, or to the top or bottom of the queue',
  examples: ['move hello tomorrow 8:30', 'move hello@bsky top'],
  async run(context, { args: [id, ...words] }) {
    const { clock } = context;
    const goal = readGoal(context, id, words.join(' '));
    const found = await findEach(context, id);
    const why = (one: Delivery) => whyNot(one, goal, context);
    const movable = pickApplicable(found, 'move', why);
    const places = placesOf(movable);
    // One instant for all: later ones would overtake those that were changed before.
    const now = clock.now();
    const goals = goalsOf(context, movable, goal);
    const goalOf = (one: Delivery) => goals.get(one.id) ?? goal;
    const isInTime = (one: Delivery) => endsBefore(one, goalOf(one), context);
    const changed = await changeAll(context, {
      verb: 'move',
      type: 'moved',
      deliveries: pickApplicable(movable, 'move', isInTime),
      text: (one) => `${one.id} was moved to ${describeGoal(context, goalOf(one))}`,
      change: (one) => moveTo(one, goalOf(one), movedAt(now, places, one)),
    });
    const told = tellTogether(changed.map(goalOf), describeGoal(context, goal));
    return {
      text: [
        `${list(changed)}: moved to ${told}.`,
        ...changed.flatMap(tellWaiting),
        ...tellLeftOut(found, changed, (one) => why(one) ?? isInTime(one)),
      ].join(' '),
      json: {
        moved: changed.map((one) => one.id),
        ...(typeof goal === 'number' ? { at: toIso(goal) } : { to: goal }),
      },
    };
  },
};

/** Several posts at one minute would be a flood: each account's gap lies between them. */
function goalsOf(
  { settings }: CommandContext,
  deliveries: Delivery[],
  goal: Goal,
): ReadonlyMap<string, Goal> {
  if (typeof goal !== 'number') return new Map();
  return new Map(
    [...Map.groupBy(deliveries, ({ account }) => account)].flatMap(([account, own]) => {
      const gap = settings.cadences[account]?.minGapFor ?? 0;
      return [...placesOf(own)].map(([id, place]): [string, Goal] => [id, goal + place * gap]);
    }),
  );
}

const tellTogether = (goals: Goal[], to: string): string =>
  new Set(goals).size > 1 ? `${to}, the later ones after the gap of their account` : to;

interface MovedAt {
  top: Instant;
  bottom: Instant;
}

/** The last one at the top, or the first one at the bottom, would be in front of the others. */
function movedAt(now: Instant, places: ReadonlyMap<string, number>, { id }: Delivery): MovedAt {
  const place = places.get(id) ?? 0;
  const last = Math.max(0, ...places.values());
  return { top: now + last - place, bottom: now + place };
}

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
      `${formatFar(at, settings.zone, clock.now())} is in the past. ` +
        `Use \`now ${id}\` to publish it at once`,
    );
  return at;
}

const describeGoal = ({ clock, settings: { zone } }: CommandContext, goal: Goal) =>
  typeof goal === 'number'
    ? `${formatFar(goal, zone, clock.now())} (${zone})`
    : `the ${goal} of the queue`;

function moveTo(one: Delivery, goal: Goal, { top, bottom }: MovedAt): Delivery {
  switch (goal) {
    case 'top':
      return movedToTop(one, top);
    case 'bottom':
      return movedToBottom(one, bottom);
    default:
      return movedTo(one, { at: goal, now: bottom });
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
