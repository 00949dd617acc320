import { openCommands } from '../app.ts';
import { toTable } from '../commands/table.ts';
import { formatLocal, toIso } from '../core/time.ts';
import { keys } from '../flow/facts.ts';
import { noFeed } from '../flow/ingest/look-at-feed.ts';
import type { FeedState } from '../ports/source.ts';
import type { CliContext } from './cli-context.ts';

export async function feeds({ config, terminal }: CliContext): Promise<void> {
  await using context = await openCommands(config, 'cli');
  const rows = await Promise.all(
    config.feeds.map(async ({ url, queue, perDay }) => {
      const state = (await context.store.findFact<FeedState>(keys.feed(url)))?.value ?? noFeed;
      return {
        url,
        ...(queue === undefined ? {} : { queue }),
        ...(perDay === undefined ? {} : { perDay }),
        known: state.seen.length,
        ...(state.checkedAt === undefined ? {} : { checkedAt: toIso(state.checkedAt) }),
        ...(state.nextAt === undefined ? {} : { nextAt: toIso(state.nextAt) }),
        ...(state.error === undefined ? {} : { error: state.error }),
      };
    }),
  );
  const when = (at: string | undefined) =>
    at === undefined ? '–' : formatLocal(Date.parse(at), config.zone);
  terminal.print(
    rows.length
      ? toTable(
          ['feed', 'items known', 'looked at', 'next', ''],
          rows.map((one) => [
            one.url,
            String(one.known),
            when(one.checkedAt),
            when(one.nextAt),
            one.error ?? 'well',
          ]),
        )
      : 'No feeds are configured.',
    rows,
  );
}
