import { plural } from '../../core/plural.ts';
import { day } from '../../core/time.ts';
import type { CommandContext } from '../command.ts';

/** How often counted links were opened, and by whom. */
export interface Clicks {
  people: number;
  /** People or machines: several links at once, or fetched by a page. */
  unsure: number;
  machines: number;
}

type Reading = Pick<CommandContext, 'store'>;

/** As it is now, by delivery; absent: its link is not counted, or it has none. */
export async function readClicks(
  { store }: Reading,
  deliveries: readonly string[],
): Promise<Map<string, Clicks>> {
  if (deliveries.length === 0) return new Map();
  const links = await store.listLinks({ deliveries });
  const found = new Map(
    links.map(({ delivery }): [string, Clicks] => [
      delivery,
      { people: 0, unsure: 0, machines: 0 },
    ]),
  );
  if (found.size === 0) return found;
  for (const { delivery, kind, count } of await store.sumClicks([...found.keys()])) {
    const its = found.get(delivery);
    if (its) its[fields[kind]] += count;
  }
  return found;
}

const fields = { person: 'people', unsure: 'unsure', machine: 'machines' } as const;

/** Undefined: none of them is counted. */
export function addUp(all: Iterable<Clicks | undefined>): Clicks | undefined {
  let sum: Clicks | undefined;
  for (const one of all) {
    if (!one) continue;
    sum ??= { people: 0, unsure: 0, machines: 0 };
    for (const field of Object.values(fields)) sum[field] += one[field];
  }
  return sum;
}

export interface ShownClicks extends Clicks {
  /** How many different people today, in UTC; days are never added up. */
  uniqueToday?: number;
}

/** Of one delivery, with today's people. */
export async function readShownClicks(
  { store, clock }: Pick<CommandContext, 'store' | 'clock'>,
  delivery: string,
): Promise<ShownClicks | undefined> {
  const clicks = (await readClicks({ store }, [delivery])).get(delivery);
  if (!clicks) return undefined;
  const now = clock.now();
  const unique = (await store.listClicks([delivery])).filter(
    ({ kind, at }) => kind === 'unique' && at === now - (now % day),
  );
  if (unique.length === 0) return clicks;
  return { ...clicks, uniqueToday: unique.reduce((sum, { count }) => sum + count, 0) };
}

/** `12 clicks (8 people today); apart: 3 unsure, 40 by machines` */
export function tellClicks({ people, unsure, machines, uniqueToday }: ShownClicks): string {
  const today = uniqueToday === undefined ? '' : ` (${tellPeople(uniqueToday)} today)`;
  const apart = [
    ...(unsure > 0 ? [`${unsure} unsure`] : []),
    ...(machines > 0 ? [`${machines} by machines`] : []),
  ];
  const rest = apart.length > 0 ? `; apart from them ${apart.join(', ')}` : '';
  return `${plural(people, 'click')}${today}${rest}`;
}

/** Where the network's own servers follow the link when they make the card. */
export const cardLeadsPast =
  'Who taps the link card is not counted there: it leads to the page itself';

const tellPeople = (count: number) => (count === 1 ? 'one person' : `${count} people`);
