import { openCommands } from '../app.ts';
import { toTable } from '../commands/table.ts';
import { pickDefined } from '../core/pick-defined.ts';
import { formatLocal, toIso } from '../core/time.ts';
import { readFact } from '../flow/facts.ts';
import { feedFact } from '../flow/ingest/look-at-feed.ts';
import type { CliContext } from './cli-context.ts';

export async function feeds({ config, terminal }: CliContext): Promise<void> {
  await using context = await openCommands(config, 'cli');
  const rows = await Promise.all(
    config.feeds.map(async ({ url, queue, perDay }) => {
      const state = await readFact(context.store, feedFact(url));
      const { seen, checkedAt, nextAt, error } = state;
      return pickDefined({
        url,
        queue,
        perDay,
        known: seen.length,
        checkedAt: checkedAt === undefined ? undefined : toIso(checkedAt),
        nextAt: nextAt === undefined ? undefined : toIso(nextAt),
        error,
      });
    }),
  );
  const when = (at: string | undefined) =>
    at === undefined ? '–' : formatLocal(Date.parse(at), config.zone);
  terminal.print(
    rows.length
      ? toTable(
          ['feed', 'known items', 'last check', 'next check', ''],
          rows.map((one) => [
            one.url,
            String(one.known),
            when(one.checkedAt),
            when(one.nextAt),
            one.error ?? 'OK',
          ]),
        )
      : 'No feeds are configured.',
    rows,
  );
}
