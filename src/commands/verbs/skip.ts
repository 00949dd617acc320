import { type Delivery, isOpen } from '../../core/delivery/delivery.ts';
import { skipped, skippedForGood } from '../../core/delivery/moves.ts';
import { Refusal } from '../../core/problem.ts';
import { changeAll } from '../change.ts';
import type { Command, CommandContext } from '../command.ts';
import { busy, findEach, list, pickApplicable, placesOf, tellLeftOut } from '../find.ts';
import { stateClause } from '../publishing-words.ts';

export const skip: Command = {
  name: 'skip',
  args: '[id]',
  help: 'move a post to the end of the queue, or never publish it',
  examples: ['skip next', 'skip hello@bsky', 'skip hello --for-good'],
  options: [{ name: '--for-good', help: 'never publish it' }],
  async run(context, { args: [id], options }) {
    const isForGood = options['for-good'] === true;
    const found = await findMeant(context, id);
    const why = (one: Delivery) => whyNot(one, isForGood);
    const deliveries = pickApplicable(found, 'skip', why);
    const places = placesOf(deliveries);
    const now = context.clock.now();
    const done = isForGood ? 'skipped for good' : 'moved to the end of the queue';
    const changed = await changeAll(context, {
      verb: 'skip',
      type: 'skipped',
      deliveries,
      text: (one) => `${one.id} was ${done}`,
      change: (one) =>
        isForGood ? skippedForGood(one) : skipped(one, now + (places.get(one.id) ?? 0)),
    });
    const what = isForGood ? 'will not be published' : 'moved to the end of the queue';
    return {
      text: [
        `${list(changed)} ${what}.`,
        ...tellSeries(changed, isForGood),
        ...tellLeftOut(found, changed, why),
        undoHint,
      ].join(' '),
      json: { skipped: changed.map((one) => one.id), forGood: isForGood },
    };
  },
};

const undoHint = '`undo` takes it back.';

/** The next run of an evergreen post comes from the one before it. */
function tellSeries(changed: Delivery[], isForGood: boolean): string[] {
  const series = isForGood ? changed.filter(({ terms }) => terms.isEvergreen) : [];
  if (series.length === 0) return [];
  const runs = series.length === 1 ? 'this run' : 'these runs';
  return [
    `That ends the evergreen series there: no run follows ${runs}. ` +
      'Without `--for-good` a run only goes to the end of the queue.',
  ];
}

const isOver = ({ state }: Delivery) =>
  state === 'missed' || state === 'failed' || state === 'expired';

function whyNot(one: Delivery, isForGood: boolean): string | undefined {
  if (isOpen(one.state) || (isForGood && isOver(one))) return undefined;
  return busy(one) ?? stateClause(one.state);
}

async function findMeant(context: CommandContext, id: string | undefined): Promise<Delivery[]> {
  if (id !== undefined && id !== 'next') return findEach(context, id);
  const next = await context.store.listDeliveries({ states: ['planned'], order: 'at', limit: 1 });
  if (!next.length) throw new Refusal('nothing is scheduled');
  return next;
}
