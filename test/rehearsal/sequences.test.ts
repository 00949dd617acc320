import { expect, test } from 'vitest';
import { day } from '../../src/core/time.ts';
import { openStage } from './kit.ts';

const yaml = `
cadence: { perDay: 1, minGap: 1h }
public: { url: "https://go.example.com" }
mail:
  { from: "A <a@acme.example>", postalAddress: A, host: smtp.example.com, perDay: 12 }
people: { perWeek: 2 }
letters: { sender: "A, Weg 1, 10115 Berlin", country: DE }
`;

const step = (wait: string, more = '') => `---\nsubject: Hi\nwait: ${wait}\n${more}---\nHello`;

const files = {
  'posts/a.md': 'Hello',
  'posts/welcome/_sequence.yaml': 'start: { form: newsletter }\ngoal: bought\n',
  'posts/welcome/010-one.md': step('0'),
  'posts/welcome/020-two.md': step('1d'),
  'posts/welcome/030-three.md': step('1d'),
  'posts/welcome/040-four.md': step('1d', 'when: clicked\n'),
  'posts/spring/_sequence.yaml': 'start: { event: visit }\n',
  'posts/spring/010-code.md': step('0', 'coupon: spring\n').replace('Hello', '{{coupon}}'),
  'posts/coupons/spring.csv': `code\n${Array.from({ length: 30 }, (_, i) => `C-${i}`).join('\n')}\n`,
  'posts/paper/_sequence.yaml': 'start: { event: order }\nby: letter\n',
  'posts/paper/010-card.md': 'Thank you.',
  'posts/broken/_sequence.yaml': 'start: 5\n',
};

test('sequences are played by the day: the cap of a week, the limit of a day and a coupon file that runs dry', async () => {
  using stage = openStage({ yaml, files });
  const { people, from, until } = await stage.rehearse({ weeks: 2, entering: 5 });
  expect(until - from).toBe(14 * day);
  const [paper, spring, welcome] = people!.sequences;
  expect(people!.sequences.map(({ sequence }) => sequence)).toEqual(['paper', 'spring', 'welcome']);
  // On Mondays, all that came since the one before.
  const letters = people!.days.filter(({ letter }) => letter > 0);
  expect(letters.map(({ date }) => new Date(date).getUTCDay())).toEqual([1, 1]);
  expect(letters.reduce((sum, { letter }) => sum + letter, 0)).toBe(paper?.sent);
  expect(paper?.sent).toBeGreaterThan(40);
  expect(welcome?.enteringPerDay).toBe(5);
  expect(welcome?.entered).toBeGreaterThan(60);
  // A code each, and then none.
  expect(spring?.sent).toBe(30);
  expect(people!.held).toEqual([
    {
      reason: expect.stringContaining('spring.csv has no code left'),
      firstAt: expect.any(Number),
      count: expect.any(Number),
    },
  ]);
  // The rest is still in the queue of that mail server.
  expect(people!.held[0]?.count).toBeGreaterThan(10);
  expect(people!.held[0]?.count).toBeLessThanOrEqual((spring?.entered ?? 0) - 30);
  // The third step waits for the week, for everybody who came so far.
  expect(people!.waitedForCap).toBeGreaterThan(20);
  const mails = people!.days.map(({ mail }) => mail);
  expect(Math.max(...mails)).toBe(12);
  expect(people!.fullDays).toBeGreaterThan(0);
  expect(mails.reduce((sum, one) => sum + one, 0)).toBe((spring?.sent ?? 0) + (welcome?.sent ?? 0));
  expect(people!.notes.join('\n')).toMatch(
    /Nobody clicks.*\n5 enter each.*\nbroken cannot be read/,
  );
  // The same input gives the same.
  expect((await stage.rehearse({ weeks: 2, entering: 5 })).people).toEqual(people);
});

test('without history nobody enters, and without sequences nothing is told', async () => {
  using stage = openStage({ yaml, files });
  const { people } = await stage.rehearse({ weeks: 1 });
  expect(people!.sequences.map(({ entered, sent }) => [entered, sent])).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
  ]);
  using plain = openStage({ yaml: 'cadence: { perDay: 1 }', files: { 'posts/a.md': 'Hello' } });
  expect((await plain.rehearse({ weeks: 1 })).people).toBeUndefined();
});
