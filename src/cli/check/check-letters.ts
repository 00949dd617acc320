import { openCommands } from '../../app/open-commands.ts';
import { openLettersOf } from '../../app/people/open-letters.ts';
import type { Config } from '../../config/config.ts';
import { liveStates } from '../../core/people/enrolment.ts';
import type { Person, PostalAddress } from '../../core/people/person.ts';
import type { Sequence, Step } from '../../core/people/sequence.ts';
import { errorAt, type Problem, Refusal } from '../../core/problem.ts';
import type { LetterPress } from '../../ports/people/letters.ts';
import { type Store, StoreError } from '../../ports/store.ts';

export const isByLetter = ({ by }: Pick<Sequence, 'by'>, step: Pick<Step, 'by'>): boolean =>
  (step.by ?? by).includes('letter');

/** Each letter once, as if it were printed, and the addresses of those who may get one. */
export async function checkLetters(
  config: Config,
  sequences: readonly Sequence[],
): Promise<Problem[]> {
  const taking = sequences.filter((one) => one.steps.some((step) => isByLetter(one, step)));
  if (taking.length === 0) return [];
  const press = await openLettersOf(config, { isTrial: true });
  if (!press) {
    const hint = 'add letters: { sender: …, country: … }. Until then nothing is printed';
    return taking.map(({ file }) => errorAt(file, 'is sent by letter, and none are set up', hint));
  }
  const problems: Problem[] = [];
  for (const sequence of taking)
    for (const step of sequence.steps)
      if (isByLetter(sequence, step)) problems.push(...(await tryOut(press, { sequence, step })));
  return [...problems, ...(await checkAddresses(config, { press, taking }))];
}

/** Whoever gets it has some value for everything. */
const someone = (step: Step): Person => ({
  id: 'p-check',
  status: 'active',
  createdAt: 0,
  addresses: [],
  fields: Object.fromEntries(
    [...`${step.subject ?? ''} ${step.text}`.matchAll(/\{\{\s*person\.([^{}|\s]{1,60})/g)].map(
      ([, name = '']) => [name, 'Somebody'],
    ),
  ),
  score: 0,
  scoredAt: 0,
  revision: 1,
});

const somewhere: PostalAddress = {
  medium: 'letter',
  lines: ['Ada Example', '1 Example Street'],
  postcode: '10115',
  city: 'Berlin',
  country: 'DE',
};

async function tryOut(
  press: LetterPress,
  { sequence, step }: { sequence: Sequence; step: Step },
): Promise<Problem[]> {
  try {
    const dispatch = { id: `${sequence.id}.${step.id}@p-check` };
    const person = someone(step);
    const coupon = step.coupon === undefined ? {} : { coupon: 'COUPON-CODE' };
    const address = somewhere;
    await press.compose({ dispatch, person, sequence, step, address, at: 0, ...coupon });
    return [];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [{ where: step.file, what: error.message, severity: 'error' }];
  }
}

interface Checking {
  press: LetterPress;
  taking: readonly Sequence[];
}

/** A store that is not there yet knows nobody. */
async function checkAddresses(config: Config, checking: Checking): Promise<Problem[]> {
  try {
    await using context = await openCommands(config, 'cli');
    return await findUnfit(context.store, checking);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return [];
  }
}

const atOnce = 500;
const mostTold = 50;

async function findUnfit({ people }: Store, { press, taking }: Checking): Promise<Problem[]> {
  const told = new Map<string, Problem>();
  for (const { id: sequence } of taking) {
    let after: string | undefined;
    do {
      const page = await people.listEnrolments({
        sequence,
        states: liveStates,
        limit: atOnce,
        ...(after === undefined ? {} : { after }),
      });
      for (const { id, addresses } of await people.findPersons(page.map(({ person }) => person)))
        for (const address of addresses) {
          if (address.medium !== 'letter') continue;
          const what = await press.whyUnfit(address);
          const hint = 'correct the address: its letters are held until then';
          if (what !== undefined) told.set(id, errorAt(`person ${id}`, what, hint));
        }
      after = page.length === atOnce ? page.at(-1)?.id : undefined;
    } while (after !== undefined && told.size < mostTold);
  }
  return [...told.values()];
}
