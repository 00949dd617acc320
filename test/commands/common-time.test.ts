import { expect, test } from 'vitest';
import { noteTimes } from '../../src/commands/checking/check-days.ts';
import type { Cadence } from '../../src/core/schedule/cadence.ts';
import { makePost } from '../store/kit.ts';
import { settings } from '../web/page-kit.ts';

const note = (post: Parameters<typeof makePost>[1], changes: Partial<Cadence>) => {
  const x = settings.cadences['x'];
  if (!x) throw new Error('there is no such account');
  const cadences = { ...settings.cadences, x: { ...x, ...changes } };
  return noteTimes(makePost('a', post).post, { ...settings, cadences });
};
const night = { windows: [{ from: 1200, to: 1320 }] };

test('check notes accounts that have no time in common, where they are to go together', () => {
  expect(note({ together: true }, night)).toMatchObject([
    { severity: 'note', what: expect.stringContaining('no hour in common') },
  ]);
  expect(note({ together: true }, { days: [] })).toMatchObject([
    { what: expect.stringContaining('no day in common') },
  ]);
  expect(note({ together: true }, {})).toEqual([]);
  expect(note({}, night)).toEqual([]);
  expect(note({ together: true, networks: ['bluesky', 'mastodon'] }, night)).toEqual([]);
  expect(note({ together: true, pin: { at: 0 } }, night)).toEqual([]);
});
