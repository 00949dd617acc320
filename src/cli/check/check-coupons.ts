import { openCommands } from '../../app/open-commands.ts';
import { couponsOf } from '../../app/people/open-people.ts';
import type { Config } from '../../config/config.ts';
import { chunks } from '../../core/chunks.ts';
import { keyOfCode } from '../../core/people/coupons/coupon.ts';
import { liveStates } from '../../core/people/enrolment.ts';
import type { Sequence } from '../../core/people/sequence.ts';
import { plural } from '../../core/plural.ts';
import { errorAt, noteAt, type Problem, Refusal } from '../../core/problem.ts';
import type { CouponFile } from '../../ports/people/coupons.ts';
import type { PeopleStore } from '../../ports/people/people-store.ts';
import { StoreError } from '../../ports/store.ts';

type Asking = Pick<PeopleStore, 'listUsedCodes' | 'countEnrolments'>;

/** Where a step takes a coupon: its file, and whether it holds enough. */
export async function checkCoupons(
  config: Config,
  sequences: readonly Sequence[],
): Promise<Problem[]> {
  const takers = sequences.flatMap((sequence) =>
    sequence.steps.flatMap((step) =>
      step.coupon === undefined ? [] : [{ sequence, step, name: step.coupon }],
    ),
  );
  if (takers.length === 0) return [];
  const coupons = couponsOf(config);
  const problems = takers.flatMap(({ step }) =>
    /\{\{\s*coupon\b/.test(`${step.subject ?? ''} ${step.preview ?? ''} ${step.text}`)
      ? []
      : [noteAt(step.file, 'takes a coupon that its text does not show', 'write {{coupon}}')],
  );
  const byName = Map.groupBy(takers, ({ name }) => name);
  for (const [name, users] of byName) {
    const [first] = users;
    const file = await coupons.read(name).catch((error: unknown) => {
      if (error instanceof Refusal) return error;
      throw error;
    });
    if (file === undefined && first) {
      const what = `takes a coupon of ${coupons.nameOf(name)}, which does not exist`;
      problems.push(errorAt(first.step.file, what, 'write one code a line into it'));
    } else if (file instanceof Refusal)
      problems.push({ where: first?.step.file ?? name, what: file.message, severity: 'error' });
    else if (file) {
      const ids = [...new Set(users.map(({ sequence }) => sequence.id))];
      problems.push(...file.problems, ...(await askStore(config, { name, file, ids })));
    }
  }
  return problems;
}

interface Used {
  name: string;
  file: CouponFile;
  /** The sequences that take codes of it. */
  ids: string[];
}

/** A store that is not there yet has given out nothing. */
async function askStore(config: Config, used: Used): Promise<Problem[]> {
  try {
    await using context = await openCommands(config, 'cli');
    return await tellLeft(context.store.people, used);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const none = { listUsedCodes: async () => [], countEnrolments: async () => [] };
    return tellLeft(none, used);
  }
}

async function tellLeft(people: Asking, { name, file, ids }: Used): Promise<Problem[]> {
  const all = file.codes.map(keyOfCode);
  let given = 0;
  for (const chunk of chunks(all)) given += (await people.listUsedCodes(name, chunk)).length;
  const left = all.length - given;
  if (left === 0)
    return [errorAt(file.file, 'has no code left', 'add codes to it: messages wait for them')];
  const counts = (await Promise.all(ids.map((id) => people.countEnrolments(id)))).flat();
  const isOpen = (state: string) => (liveStates as readonly string[]).includes(state);
  const open = counts
    .filter(({ state, isHoldout }) => isOpen(state) && !isHoldout)
    .reduce((sum, { count }) => sum + count, 0);
  const isNearlyDry = given > 0 && left <= Math.max(5, all.length / 10);
  if (!isNearlyDry && left >= open) return [];
  const beside = `${plural(open, 'person is', 'people are')} in sequences that use it`;
  const what = `has ${plural(left, 'code')} left of ${all.length}, and ${beside}`;
  return [noteAt(file.file, what, 'add codes to it')];
}
