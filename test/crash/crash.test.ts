import { expect, inject, test } from 'vitest';
import { databaseUri } from '../peers/mongo.ts';
import { runCrashes } from './crash.ts';
import { runPeopleCrashes } from './people-crash.ts';

const options = { kills: 10, posts: 12, seed: 'every change' };

test(
  'a service that is killed ten times releases everything exactly once, on SQLite',
  { timeout: 420_000 },
  async () => {
    expect(await runCrashes(options)).toMatchObject({ deliveries: 36, released: 36, wrong: [] });
  },
);

test(
  'killed in uploads and while networks process videos, it releases each video once',
  { timeout: 420_000 },
  async () => {
    const result = await runCrashes({ ...options, kills: 8, posts: 9, videos: true });
    expect(result).toMatchObject({ deliveries: 27, released: 27, wrong: [] });
  },
);

test.skipIf(!inject('mongoUri'))(
  'a service that is killed ten times releases everything exactly once, on MongoDB (needs Java 17 and Maven, or mongod)',
  { timeout: 420_000 },
  async () => {
    const mongoUri = databaseUri(inject('mongoUri') ?? '', `crash-${process.pid}`);
    expect(await runCrashes({ ...options, mongoUri })).toMatchObject({
      deliveries: 36,
      released: 36,
      wrong: [],
    });
  },
);

test(
  'a service that is killed while it writes to people gives each step once, and nothing after a stop',
  { timeout: 420_000 },
  async () => {
    const result = await runPeopleCrashes({ kills: 8, people: 12, seed: 'every change' });
    expect(result.wrong).toEqual([]);
    expect(result.mails).toBeGreaterThan(0);
  },
);
