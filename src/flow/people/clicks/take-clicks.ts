import { createHash } from 'node:crypto';
import type { ClickCount } from '../../../core/clicks/click.ts';
import { judgeSoon } from '../../../core/clicks/judge-click.ts';
import type { Act } from '../../../core/people/act.ts';
import type { Dispatch } from '../../../core/people/dispatch.ts';
import { type StepClick, stepKey } from '../../../core/clicks/step-click.ts';
import { day, hour } from '../../../core/time.ts';
import type { PeopleContext } from '../people-context.ts';
import { takeActs } from '../take-acts.ts';

/**
 * Takes in clicks on links of messages: each is an act once a day for each link. Of machines only
 * their number is kept. Of somebody who was forgotten nothing is.
 */
export async function takeClicks(
  context: PeopleContext,
  clicks: readonly StepClick[],
): Promise<void> {
  const dispatches = new Map<string, Dispatch | undefined>();
  for (const { dispatch } of clicks)
    if (!dispatches.has(dispatch))
      dispatches.set(dispatch, await context.store.people.findDispatch(dispatch));
  const known = clicks.flatMap((click) => {
    const dispatch = dispatches.get(click.dispatch);
    return dispatch ? [{ ...click, kind: judge(click, dispatch), dispatch }] : [];
  });
  const opened = known.filter(({ isVisit }) => !isVisit);
  await takeActs(context, opened.flatMap(toAct));
  await context.store.putClicks(opened.map(toCount));
  await takeVisits(
    context,
    known.filter(({ isVisit }) => isVisit),
  );
}

type Known = Omit<StepClick, 'dispatch'> & { dispatch: Dispatch };

/** Of one whose answer was lost, a click says that it came: it counts from when it was begun. */
const judge = ({ kind, at }: StepClick, { sentAt, intent }: Dispatch) =>
  judgeSoon(kind, at - (sentAt ?? intent?.sendingAt ?? at));

function toAct({ kind, code, url, at, dispatch }: Known): Act[] {
  if (kind === 'machine') return [];
  const id = `clicked:${code}:${Math.floor(at / day)}${kind === 'unsure' ? ':unsure' : ''}`;
  const { id: of, person } = dispatch;
  return [{ id, person, kind: 'clicked', at, url, dispatch: of, verdict: kind }];
}

/**
 * Pages that were read behind a link: once an hour for each page. Where no person opened the link,
 * nobody knows who reads.
 */
async function takeVisits(context: PeopleContext, visits: readonly Known[]): Promise<void> {
  const acts: Act[] = [];
  for (const { url, at, kind, dispatch } of visits) {
    const { id, person } = dispatch;
    const kinds = ['clicked'] as const;
    const clicks = await context.store.people.listActs({ person, kinds, limit: mostClicks });
    const isKnown = clicks.some((one) => one.dispatch === id && one.verdict === 'person');
    const verdict = kind === 'person' && isKnown ? 'person' : 'unsure';
    const page = createHash('sha256').update(`${id} ${url}`).digest('base64url').slice(0, 22);
    const act = `visited:${page}:${Math.floor(at / hour)}${verdict === 'unsure' ? ':unsure' : ''}`;
    acts.push({ id: act, person, kind: 'visited', at, url, dispatch: id, verdict });
  }
  await takeActs(context, acts);
}

const mostClicks = 500;

/**
 * Of people, in how many messages they opened a link; of others, how many links in each hour.
 * Whoever is forgotten stays a number.
 */
function toCount({ kind, code, at, dispatch }: Known): ClickCount {
  const isPerson = kind === 'person';
  const of = isPerson ? dispatch.id : code;
  const counter = createHash('sha256').update(of).digest('base64url').slice(0, 22);
  const since = isPerson ? 0 : at - (at % hour);
  return { delivery: stepKey(dispatch), at: since, kind, counter, count: 1 };
}
