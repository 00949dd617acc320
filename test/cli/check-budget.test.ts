import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCliWorld, run, serve } from './kit.ts';

const files = {
  'posts/10-a.md': 'See https://example.com/a',
  'posts/20-b.md': 'Plain',
  'posts/30-c.md': '---\nqueue: none\n---\nNever by cadence: https://example.com/c',
};

interface Checked {
  problems: { where: string; what: string; hint?: string; severity: string }[];
}

test('check says beforehand when the queue will pass the budget, without a store and with one', async () => {
  await using world = await openCliWorld({
    yaml: 'cadence: { perDay: 80000, windows: ["00:00-24:00"], minGap: 1s }',
    files,
  });
  const file = join(world.folder, 'config/dripline.yaml');
  const text = readFileSync(file, 'utf8');
  const setBudget = (budget: string) =>
    world.write({
      'config/dripline.yaml': text.replace(
        '{"network":"x",',
        `{"network":"x","budget":"${budget} USD/month",`,
      ),
    });
  const check = async () => {
    const { problems } = JSON.parse(
      (await run(world.folder, 'check --offline --json')).stdout,
    ) as Checked;
    return problems
      .filter(({ where }) => where === 'accounts.x.budget')
      .map(({ what, severity }) => [what, severity]);
  };
  const month = new Date().toISOString().slice(0, 7);
  setBudget('0.20');
  expect(await check()).toEqual([
    [`as scheduled, x comes to 0.21 USD in ${month}, over its budget of 0.20 USD`, 'note'],
  ]);
  {
    await using _served = await serve(world.folder);
    // With the account's own read, once a day.
    expect(await check()).toEqual([
      [
        expect.stringMatching(
          /^as scheduled, x comes to 0\.2[23] USD in \d{4}-\d\d, over its budget of 0\.20 USD$/,
        ),
        'note',
      ],
    ]);
  }
  setBudget('0.5');
  expect(await check()).toEqual([]);
});
