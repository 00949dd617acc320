import { openCommands } from '../../app/open-commands.ts';
import type { Config } from '../../config/config.ts';
import { compose } from '../../core/post/compose.ts';
import { limitsFor, traitsOf } from '../../core/network/traits-of.ts';
import { pickDefined } from '../../core/pick-defined.ts';
import type { Post } from '../../core/post/post.ts';
import type { Problem } from '../../core/problem.ts';
import { day } from '../../core/time.ts';
import { type Forecast, overBudgetHint, readForecasts, warnOf } from '../../flow/spend/forecast.ts';
import { accountsFor } from '../../flow/ingest/ingest.ts';
import { monthOf, nextMonth } from '../../flow/spend/spend.ts';
import { StoreError } from '../../ports/store.ts';

/**
 * Warns of each account whose queue will exceed its budget this month, as the store knows it, or
 * from the files alone if there is no store yet.
 */
export async function checkBudgets(config: Config, posts: Post[]): Promise<Problem[]> {
  if (!config.accounts.some((one) => one.budget !== undefined)) return [];
  return (await forecast(config, posts)).flatMap((one): Problem[] => {
    const what = warnOf(one);
    const where = `accounts.${one.account}.budget`;
    return what === undefined ? [] : [{ where, what, hint: overBudgetHint, severity: 'note' }];
  });
}

async function forecast(config: Config, posts: Post[]): Promise<Forecast[]> {
  try {
    await using context = await openCommands(config, 'cli');
    return await readForecasts(context);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return forecastFiles(config, posts, Date.now());
  }
}

/** The first posts of the queue, as many as the cadence releases until the month ends. */
function forecastFiles(config: Config, posts: Post[], now: number): Forecast[] {
  const days = Math.ceil((nextMonth(now) - now) / day);
  const sorted = posts
    .filter(({ queue, draft }) => queue !== 'none' && !draft)
    .sort((a, b) => a.weight - b.weight || (a.order < b.order ? -1 : 1));
  return config.accounts.flatMap((account): Forecast[] => {
    const { billing } = traitsOf(account.network);
    if (!billing) return [];
    const limits = limitsFor(account);
    const count = Math.ceil(days * (config.cadences[account.name]?.perDay.min ?? 1));
    const first = sorted
      .filter((post) => accountsFor(post, config).some(({ name }) => name === account.name))
      .slice(0, count);
    const { campaigns, mentions, links } = config;
    const costs = first.map((post) => {
      const { message } = compose({ post, account, limits, run: 1, campaigns, mentions, links });
      return billing.costOfParts(message.parts).microUsd;
    });
    return [
      pickDefined({
        account: account.name,
        month: monthOf(now),
        microUsd: 0,
        plannedMicroUsd: costs.reduce((sum, cost) => sum + cost, 0),
        budget: account.budget,
      }),
    ];
  });
}
