import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type JobLogEntry, toJobId } from 'agenda';
import { SqliteBackend } from '../../src/jobs/sqlite/backend.ts';
import { SqliteChannel } from '../../src/jobs/sqlite/channel.ts';
import { makeFolder } from '../store/kit.ts';
import { backendContract, ownBackendContract, type MakeBackend } from './backend-contract.ts';
import { Heard } from './kit.ts';

const make: MakeBackend = async () => {
  const folder = await makeFolder();
  const backend = new SqliteBackend({ file: join(folder.path, 'alarms.db') });
  await backend.connect();
  return {
    backend,
    [Symbol.asyncDispose]: async () => {
      await backend.disconnect();
      await folder[Symbol.asyncDispose]();
    },
  };
};

backendContract(make);
ownBackendContract(make);

test('a backend opens again after it was closed, so that a job that ends late is still recorded', async () => {
  await using folder = await makeFolder();
  const backend = new SqliteBackend({ file: join(folder.path, 'new', 'alarms.db') });
  await Promise.all([backend.connect(), backend.connect()]);
  const saved = await backend.repository.saveJob(
    { name: 'a', type: 'normal', priority: 0, nextRunAt: null, data: undefined },
    undefined,
  );
  await backend.disconnect();
  await backend.disconnect();
  await backend.repository.saveJobState({ ...saved, lastFinishedAt: new Date(5) }, undefined);
  await backend.disconnect();
  await backend.connect();
  expect((await backend.repository.getJobById(String(saved._id)))?.lastFinishedAt).toEqual(
    new Date(5),
  );
  await backend.disconnect();
});

test('a debounced job is pushed away, but not past its longest wait; a leading one stays', async () => {
  const backend = new SqliteBackend({ file: ':memory:' });
  const save = (uniqueOpts: object, key: string) =>
    backend.repository.saveJob(
      {
        name: 'a',
        type: 'normal',
        priority: 0,
        nextRunAt: new Date(1e12),
        data: { key },
        unique: { 'data.key': key },
        uniqueOpts,
      },
      undefined,
    );
  const first = await save({ debounce: { delay: 50_000, maxWait: 60_000 } }, 'x');
  const startedAt = first.debounceStartedAt?.getTime() ?? 0;
  expect(first.nextRunAt?.getTime()).toBe(startedAt + 50_000);
  const second = await save({ debounce: { delay: 90_000, maxWait: 60_000 } }, 'x');
  expect(second).toMatchObject({
    _id: first._id,
    nextRunAt: new Date(startedAt + 60_000),
    debounceStartedAt: first.debounceStartedAt,
  });
  const overdue = await save({ debounce: { delay: 90_000, maxWait: -1 } }, 'x');
  expect(overdue.debounceStartedAt).toBeUndefined();
  await save({ debounce: { delay: 5, strategy: 'leading' } }, 'y');
  expect((await save({ debounce: { delay: 5, strategy: 'leading' } }, 'y')).nextRunAt).toEqual(
    new Date(1e12),
  );
  await backend.disconnect();
});

test('a folder that cannot be made is an error of connect, not of the process', async () => {
  await expect(new SqliteBackend({ file: '/dev/null/alarms.db' }).connect()).rejects.toThrow();
});

test('idle scans and scans of due jobs each use an index', async () => {
  const backend = new SqliteBackend({ file: ':memory:' });
  await backend.connect();
  const plan = backend.connection.all<{ detail: string }>(
    `EXPLAIN QUERY PLAN DELETE FROM jobs WHERE (name = ?) AND ((data ->> '$.id' = ?) AND (holds_data(data, ?)))`,
    'a',
    'b',
    '{}',
  );
  expect(plan.map(({ detail }) => detail).join()).toContain('jobs_subject (name=? AND <expr>=?)');
  await backend.disconnect();
});

test('two channels on one file hear what either says, dates as dates', async () => {
  await using folder = await makeFolder();
  const file = join(folder.path, 'alarms.db');
  const channels = [
    new SqliteChannel({ file, lookEvery: 5 }),
    new SqliteChannel({ file, lookEvery: 5 }),
  ] as const;
  const heard = channels.map((channel) => {
    const all = new Heard<string>();
    channel.subscribe(({ jobName, nextRunAt }) =>
      all.add(`${jobName} ${nextRunAt?.toISOString()}`),
    );
    channel.subscribeState(({ type, timestamp }) => all.add(`${type} ${timestamp.getTime()}`));
    return all;
  });
  await expect(
    channels[0].publish({
      jobId: toJobId('1'),
      jobName: 'a',
      nextRunAt: null,
      priority: 0,
      timestamp: new Date(),
    }),
  ).rejects.toThrow(/not connected/);
  for (const channel of channels) await channel.connect();
  await channels[0].publish({
    jobId: toJobId('1'),
    jobName: 'a',
    nextRunAt: new Date(0),
    priority: 0,
    timestamp: new Date(),
  });
  await channels[1].publishState({
    type: 'start',
    jobId: toJobId('1'),
    jobName: 'a',
    timestamp: new Date(7),
  });
  await Promise.all(heard.map((all) => all.count(2)));
  for (const all of heard) expect(all.all).toEqual(['a 1970-01-01T00:00:00.000Z', 'start 7']);
  for (const channel of channels) await channel.disconnect();
  expect(channels[0].state).toBe('disconnected');
});

test('the log of jobs is filtered, paged and cleared', async () => {
  const backend = new SqliteBackend({ file: ':memory:' });
  await backend.connect();
  const entry = (n: number, changes: Partial<JobLogEntry> = {}): JobLogEntry => ({
    timestamp: new Date(n),
    level: 'info',
    event: 'start',
    jobName: 'a',
    message: String(n),
    ...changes,
  });
  for (const one of [
    entry(1),
    entry(2, { level: 'error', event: 'fail', meta: { a: [1] } }),
    entry(3, { jobName: 'b', jobId: '7' }),
  ])
    await backend.logger.log(one);
  const messages = async (query: Parameters<typeof backend.logger.getLogs>[0]) =>
    (await backend.logger.getLogs(query)).entries.map(({ message }) => message);
  expect(await messages({})).toEqual(['3', '2', '1']);
  expect(await messages({ sort: 'asc', limit: 1, offset: 1 })).toEqual(['2']);
  expect(await messages({ level: ['error', 'warn'] })).toEqual(['2']);
  expect(await messages({ from: new Date(2), to: new Date(2) })).toEqual(['2']);
  expect((await backend.logger.getLogs({ jobId: '7' })).entries[0]).toMatchObject({
    ...entry(3, { jobName: 'b', jobId: '7' }),
    _id: '3',
  });
  expect(await backend.logger.clearLogs({ jobName: 'a' })).toBe(2);
  expect(await backend.logger.clearLogs()).toBe(1);
  await backend.disconnect();
});
