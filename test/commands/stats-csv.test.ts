import { expect, test } from 'vitest';
import { stats } from '../../src/commands/stats/stats.ts';
import { day, hour } from '../../src/core/time.ts';
import { now, openPageContext } from '../web/page-kit.ts';
import { addReleased } from './released-kit.ts';

test('as CSV each published post of the period is a line for each account, with its newest numbers', async () => {
  await using context = await openPageContext();
  await addReleased(context, [
    {
      id: 'p0',
      at: now - day,
      counts: { likes: 10, reposts: 2, replies: 1, quotes: 0, views: 900 },
      campaign: '=spring',
    },
    { id: 'p1', at: now - hour },
    { id: 'p2', at: now - 9 * day, counts: { likes: 3 } },
    { id: 'p0', at: now - 2 * day, account: 'bluesky', counts: { likes: 4, reposts: 1 } },
  ]);
  const { text, json } = await stats.run(context, { args: ['7d'], options: { csv: true } });
  expect(`${text}\n`.slice(1).split('\r\n')).toEqual([
    'when,post,account,network,url,likes,reposts,replies,quotes,views,clicks,clicks unsure,clicks by machines,score,campaign,queue',
    '2026-11-22 09:00,p0,bluesky,bluesky,,4,1,,,,,,,6,,',
    "2026-11-23 09:00,p0,x,x,,10,2,1,0,900,,,,16,'=spring,",
    '2026-11-24 08:00,p1,x,x,,,,,,,,,,,,',
    '',
  ]);
  expect(json).toMatchObject([{ account: 'bluesky', likes: 4 }, { campaign: '=spring' }, {}]);
  const only = { csv: true, campaign: '=spring' };
  const spring = await stats.run(context, { args: ['7d'], options: only });
  expect(spring.json).toHaveLength(1);
  const none = stats.run(context, { args: ['7d'], options: { csv: true, campaign: 'none' } });
  await expect(none).rejects.toThrow(/no campaign/);
});
