import { personStatuses, type Person, type PersonStatus } from '../../core/people/person.ts';
import { scoreAt } from '../../core/people/score.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import { plural } from '../../core/plural.ts';
import { formatLocal, type Instant, toIso } from '../../core/time.ts';
import { type Command, type CommandContext, WrongUsage } from '../command.ts';
import { findSequence, openHands } from './people-hands.ts';

const mostShown = 50;

export const people: Command = {
  name: 'people',
  args: '[query...]',
  help: 'who asked to be written to',
  examples: ['people', 'people ada --status active', 'people --sequence welcome'],
  options: [
    { name: '--status', value: '<status>', help: personStatuses.join(', ') },
    { name: '--sequence', value: '<name>', help: 'only who is or was in it' },
  ],
  async run(context, { args, options }) {
    const { store, settings } = context;
    const status = toStatus(options['status']);
    const sequence = options['sequence'] === undefined ? undefined : String(options['sequence']);
    if (sequence !== undefined) await assertSequence(context, sequence);
    const text = args.join(' ').trim().slice(0, 200) || undefined;
    const found = await store.people.listPeople(
      pickDefined({ status, sequence, text, limit: mostShown + 1 }),
    );
    const shown = found.slice(0, mostShown);
    const now = context.clock.now();
    const total = await store.people.countPeople(pickDefined({ status }));
    const telling = { now, zone: settings.zone, isInChat: isInChat(context) };
    const lines = shown.map((one) => tellPerson(one, telling));
    const more = found.length > mostShown ? [`… and more: search with \`people NAME\``] : [];
    const all = total > 0 ? total : await store.people.countPeople({});
    const none =
      all > 0 ? `Nobody like that, of ${plural(all, 'person', 'people')} in all.` : nobody;
    const head = lines.length > 0 ? `${plural(total, 'person', 'people')} in all.` : none;
    return {
      text: [...lines, ...more, head].join('\n'),
      json: shown.map((one) => toJson(one, now)),
    };
  },
};

const nobody =
  'Nobody yet. People come by a form, a reply, an event or `import people.csv --consent TEXT`.';

/** One whose folder is gone may still have people. */
async function assertSequence(context: CommandContext, id: string): Promise<void> {
  const hands = await openHands(context);
  if (hands.read.sequences.some((one) => one.id === id) || hands.read.broken.has(id)) return;
  const [known] = await context.store.people.listPeople({ sequence: id, limit: 1 });
  if (!known) findSequence(hands, id);
}

function toStatus(value: string | boolean | undefined): PersonStatus | undefined {
  if (value === undefined) return undefined;
  const status = personStatuses.find((one) => one === value);
  if (status) return status;
  throw new WrongUsage(`"${value}" is not a status. Use one of ${personStatuses.join(', ')}`);
}

interface Telling {
  now: Instant;
  zone: string;
  isInChat: boolean;
}

/** What is said there is kept by others, and perhaps read by others. */
export const isInChat = ({ by }: Pick<CommandContext, 'by'>): boolean =>
  by !== 'cli' && by !== 'web';

/** No more of somebody than is needed to know who it is. */
function tellPerson(person: Person, { now, zone, isInChat }: Telling): string {
  const { id, status, fields, addresses } = person;
  const score = `score ${Math.round(scoreAt(person, now))}`;
  if (isInChat) return [id, status, score].join('  ');
  const name = fields['name'] ?? '';
  const [address] = addresses;
  const at = address ? nameOfAddress(address) : 'no address';
  const since = formatLocal(person.createdAt, zone);
  return [id, status, score, `since ${since}`, name, at].filter(Boolean).join('  ');
}

export function nameOfAddress(address: Person['addresses'][number]): string {
  if (address.medium === 'mail') return address.value;
  if (address.medium === 'message') return address.handle;
  return [...address.lines, `${address.postcode} ${address.city}`, address.country].join(', ');
}

export const toJson = (person: Person, now: Instant) => ({
  id: person.id,
  status: person.status,
  score: Math.round(scoreAt(person, now) * 10) / 10,
  createdAt: toIso(person.createdAt),
  addresses: person.addresses,
  fields: person.fields,
  ...pickDefined({
    zone: person.zone,
    lang: person.lang,
    takenBy: person.takenBy,
    signAt: person.signAt === undefined ? undefined : toIso(person.signAt),
  }),
});

/** The instants of what is kept, as other tools read them. */
export const withIso = (one: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(one)
      .filter(([key]) => key !== 'revision' && key !== 'fence' && key !== 'claim')
      .map(([key, value]) => [
        key,
        /(^at|At)$/.test(key) && typeof value === 'number' ? toIso(value) : value,
      ]),
  );
