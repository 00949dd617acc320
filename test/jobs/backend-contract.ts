import {
  Agenda,
  toJobId,
  type AgendaBackend,
  type JobParameters,
  type JobRepository,
} from 'agenda';
import { expect, test } from 'vitest';
import { Heard } from './kit.ts';

export interface OpenBackend extends AsyncDisposable {
  backend: AgendaBackend;
}

export type MakeBackend = () => Promise<OpenBackend>;

const minute = 60_000;

const job = (name: string, changes: Partial<JobParameters> = {}): JobParameters => ({
  name,
  type: 'normal',
  priority: 0,
  nextRunAt: new Date(Date.now() - 1000),
  data: {},
  ...changes,
});

const save = (repository: JobRepository, name: string, changes: Partial<JobParameters> = {}) =>
  repository.saveJob(job(name, changes), { lastModifiedBy: 'test' });

const next = (
  repository: JobRepository,
  name: string,
  { aheadFor = 0, lockFor = 10 * minute, by = 'me' } = {},
) =>
  repository.getNextJobToRun(
    name,
    new Date(Date.now() + aheadFor),
    new Date(Date.now() - lockFor),
    undefined,
    { lastModifiedBy: by },
  );

const read = async (repository: JobRepository, { _id }: JobParameters) => {
  const found = await repository.getJobById(String(_id));
  if (!found) throw new Error('the job is gone');
  return found;
};

/** What Agenda asks of a backend, over and above upstream's own suite. */
export function backendContract(make: MakeBackend): void {
  savingContract(make);
  lockingContract(make);
  selectingContract(make);
  agendaContract(make);
}

function savingContract(make: MakeBackend): void {
  test('every field of a job comes back with its type', async () => {
    await using opened = await make();
    const { repository } = opened.backend;
    const all = {
      priority: -5,
      nextRunAt: new Date(Date.now() + minute),
      repeatInterval: 90_000,
      repeatTimezone: 'Europe/Berlin',
      startDate: new Date(1),
      endDate: new Date(4e12),
      skipDays: [0, 6],
      data: { text: 'ü 👋', nothing: null, list: [1.5, 'a', [true]], nested: { 'a.b': 1 } },
      disabled: true,
      fork: false,
    } satisfies Partial<JobParameters>;
    const saved = await save(repository, 'a', all);
    expect(await read(repository, saved)).toMatchObject({
      ...all,
      name: 'a',
      type: 'normal',
      lastModifiedBy: 'test',
    });
    const spoken = await save(repository, 'b', {
      repeatInterval: '5 minutes',
      repeatAt: '3:30pm',
      nextRunAt: null,
    });
    expect(await read(repository, spoken)).toMatchObject({
      repeatInterval: '5 minutes',
      repeatAt: '3:30pm',
      nextRunAt: null,
    });
  });

  test('a save of a job that is gone brings nothing back', async () => {
    await using opened = await make();
    const { repository } = opened.backend;
    const saved = await save(repository, 'a');
    await repository.removeJobs({ id: String(saved._id) });
    expect(await repository.saveJob({ ...saved, priority: 9 }, undefined)).toMatchObject({
      _id: saved._id,
      priority: 9,
    });
    expect((await repository.queryJobs()).total).toBe(0);
    await expect(repository.saveJobState(saved, undefined)).rejects.toThrow(/cannot be updated/);
  });

  test('the state of a run is written over, whatever a handler has thrown', async () => {
    await using opened = await make();
    const { repository } = opened.backend;
    const saved = await save(repository, 'a');
    for (const failReason of ['text', { code: 5 }, 12, null, ['list']]) {
      await repository.saveJobState(
        {
          ...saved,
          failReason: failReason as string,
          failCount: 2,
          failedAt: new Date(5),
          progress: 50,
        },
        { lastModifiedBy: 'w' },
      );
      expect(await read(repository, saved)).toMatchObject({
        failCount: 2,
        failedAt: new Date(5),
        progress: 50,
        lastModifiedBy: 'w',
        ...(failReason !== null && { failReason }),
      });
    }
    await repository.saveJobState(saved, undefined);
    expect((await read(repository, saved)).failCount ?? null).toBeNull();
  });

  test('a single job is one for its name, and a start does not move its next run to the past', async () => {
    await using opened = await make();
    const { repository } = opened.backend;
    const later = new Date(Date.now() + minute);
    const first = await save(repository, 'a', { type: 'single', nextRunAt: later });
    const second = await save(repository, 'a', {
      type: 'single',
      nextRunAt: new Date(Date.now() - 1),
      priority: 7,
    });
    expect(second).toMatchObject({ _id: first._id, nextRunAt: later, priority: 7 });
    const moved = new Date(Date.now() + 2 * minute);
    expect((await save(repository, 'a', { type: 'single', nextRunAt: moved })).nextRunAt).toEqual(
      moved,
    );
    expect((await repository.queryJobs({ name: 'a' })).total).toBe(1);
  });

  test('a unique job is found by a path into its data, and insertOnly leaves it as it is', async () => {
    await using opened = await make();
    const { repository } = opened.backend;
    const unique = { 'data.user.id': 7 };
    const first = await save(repository, 'a', { unique, data: { user: { id: 7 }, n: 1 } });
    const second = await save(repository, 'a', { unique, data: { user: { id: 7 }, n: 2 } });
    expect(second).toMatchObject({ _id: first._id, data: { n: 2 } });
    await save(repository, 'a', {
      unique,
      uniqueOpts: { insertOnly: true },
      data: { user: { id: 7 }, n: 3 },
    });
    expect((await read(repository, first)).data).toMatchObject({ n: 2 });
    await save(repository, 'a', { unique: { 'data.user.id': 8 }, data: { user: { id: 8 } } });
    await save(repository, 'b', { unique, data: { user: { id: 7 } } });
    expect((await repository.queryJobs()).total).toBe(3);
  });
}

function lockingContract(make: MakeBackend): void {
  test('the earliest comes first, then the higher priority; what is locked, disabled or too far away does not come', async () => {
    await using opened = await make();
    const { repository } = opened.backend;
    const at = new Date(Date.now() - 5000);
    await save(repository, 'a', { nextRunAt: new Date(Date.now() + minute), data: { id: 'far' } });
    await save(repository, 'a', { nextRunAt: at, priority: 1, data: { id: 'second' } });
    await save(repository, 'a', { nextRunAt: at, priority: 2, data: { id: 'first' } });
    await save(repository, 'a', { nextRunAt: new Date(Date.now() + 500), data: { id: 'ahead' } });
    await save(repository, 'a', { disabled: true, data: { id: 'disabled' } });
    await save(repository, 'other', { data: { id: 'other' } });
    const got: unknown[] = [];
    for (
      let found = await next(repository, 'a', { aheadFor: 1000 });
      found;
      found = await next(repository, 'a', { aheadFor: 1000 })
    ) {
      expect(found.lockedAt).toBeInstanceOf(Date);
      got.push((found.data as { id: string }).id);
    }
    expect(got).toEqual(['first', 'second', 'ahead']);
  });

  test('a lock that is too old is taken over, though the job has no next run', async () => {
    await using opened = await make();
    const { repository } = opened.backend;
    const saved = await save(repository, 'a');
    await next(repository, 'a', { by: 'dead' });
    await repository.saveJobState(
      { ...saved, nextRunAt: null, lockedAt: new Date(Date.now() - minute) },
      { lastModifiedBy: 'dead' },
    );
    expect(await next(repository, 'a')).toBeUndefined();
    expect(await next(repository, 'a', { lockFor: minute / 2 })).toMatchObject({
      _id: saved._id,
      nextRunAt: null,
      lastModifiedBy: 'me',
    });
  });

  test('many who ask at once get different jobs', async () => {
    await using opened = await make();
    const { repository } = opened.backend;
    for (let n = 0; n < 20; n += 1) await save(repository, 'a');
    const got = await Promise.all(Array.from({ length: 30 }, () => next(repository, 'a')));
    const ids = got.flatMap((found) => (found ? [String(found._id)] : []));
    expect(ids).toHaveLength(20);
    expect(new Set(ids).size).toBe(20);
  });

  test('a job that runs stays locked when it is let go, one that only waited does not', async () => {
    await using opened = await make();
    const { repository } = opened.backend;
    const waiting = await save(repository, 'a');
    await next(repository, 'a');
    await repository.unlockJob(waiting);
    expect((await read(repository, waiting)).lockedAt ?? null).toBeNull();
    await repository.saveJobState({ ...waiting, nextRunAt: null, lockedAt: new Date() }, undefined);
    await repository.unlockJob(waiting);
    expect((await read(repository, waiting)).lockedAt).toBeInstanceOf(Date);
    await repository.unlockJobs([String(waiting._id)]);
    expect((await read(repository, waiting)).lockedAt ?? null).toBeNull();
  });

  test('a job is locked by hand only while it is free and as it was seen', async () => {
    await using opened = await make();
    const { repository } = opened.backend;
    const saved = await save(repository, 'a');
    expect(
      await repository.lockJob({ ...saved, nextRunAt: new Date(5) }, undefined),
    ).toBeUndefined();
    expect((await repository.lockJob(saved, { lastModifiedBy: 'me' }))?.lockedAt).toBeInstanceOf(
      Date,
    );
    expect(await repository.lockJob(saved, undefined)).toBeUndefined();
    expect(
      await repository.lockJob({ ...saved, _id: toJobId('507f1f77bcf86cd799439011') }, undefined),
    ).toBeUndefined();
  });
}

function selectingContract(make: MakeBackend): void {
  test('without a criterion nothing is removed, disabled or enabled', async () => {
    await using opened = await make();
    const { repository } = opened.backend;
    await save(repository, 'a');
    for (const options of [{}, { ids: [] }, { names: [] }, { notNames: [] }, { id: '' }]) {
      expect(await repository.removeJobs(options)).toBe(0);
      expect(await repository.disableJobs(options)).toBe(0);
      expect(await repository.enableJobs(options)).toBe(0);
    }
    expect((await repository.queryJobs()).total).toBe(1);
  });

  test('criteria are joined, and data matches by what it contains', async () => {
    await using opened = await make();
    const { repository } = opened.backend;
    await save(repository, 'a', { data: { id: 'x', deep: { n: 1, m: 2 } } });
    await save(repository, 'a', { data: { id: 'y', deep: { n: 1 } } });
    await save(repository, 'b', { data: { id: 'x', it: `'); DROP TABLE jobs; --` } });
    const total = async (data: unknown) => (await repository.queryJobs({ data })).total;
    expect(await total({ id: 'x' })).toBe(2);
    expect(await total({ deep: { n: 1 } })).toBe(2);
    expect(await total({ deep: { n: 1, m: 2 }, id: 'x' })).toBe(1);
    expect(await total({ id: 'z' })).toBe(0);
    expect(await total({ it: `'); DROP TABLE jobs; --` })).toBe(1);
    expect(await repository.disableJobs({ name: 'a', data: { id: 'x' } })).toBe(1);
    expect((await repository.queryJobs({ includeDisabled: false })).total).toBe(2);
    expect((await repository.queryJobs({ state: 'paused' })).total).toBe(1);
    expect(await repository.enableJobs({ data: { id: 'x' }, names: ['a'] })).toBe(1);
    expect(await repository.removeJobs({ notNames: ['a'] })).toBe(1);
    expect(await repository.removeJobs({ name: 'a', data: { id: 'y' } })).toBe(1);
    expect(await repository.purgeAllJobs()).toBe(1);
    expect(await repository.getDistinctJobNames()).toEqual([]);
  });

  test('jobs are listed by state, sorted, paged and counted', async () => {
    await using opened = await make();
    const { repository } = opened.backend;
    await save(repository, 'late', { nextRunAt: new Date(Date.now() + 2 * minute) });
    await save(repository, 'Later', { nextRunAt: new Date(Date.now() + 3 * minute) });
    await save(repository, 'due');
    await save(repository, 'often', { repeatInterval: 1000 });
    const failed = await save(repository, 'failed', { nextRunAt: null });
    await repository.saveJobState(
      { ...failed, failedAt: new Date(), lastFinishedAt: new Date(0) },
      undefined,
    );
    const names = async (options: Parameters<JobRepository['queryJobs']>[0]) =>
      (await repository.queryJobs(options)).jobs.map(({ name }) => name);
    expect(await names({ search: 'LATE' })).toEqual(['Later', 'late']);
    expect(await names({ state: 'scheduled', limit: 1 })).toEqual(['Later']);
    expect(await repository.queryJobs({ state: 'scheduled', skip: 1 })).toMatchObject({
      total: 2,
      jobs: [{ name: 'late', state: 'scheduled' }],
    });
    expect(
      await names({ sort: { nextRunAt: 'asc' }, skip: 1, names: ['late', 'Later', 'due'] }),
    ).toEqual(['late', 'Later']);
    expect(await names({ state: 'failed' })).toEqual(['failed']);
    expect(await repository.getQueueSize()).toBe(2);
    expect((await repository.getJobsOverview()).find(({ name }) => name === 'often')).toMatchObject(
      { total: 1, repeating: 1, running: 0 },
    );
  });
}

function agendaContract(make: MakeBackend): void {
  test('Agenda runs jobs, repeats, retries and removes them', async () => {
    await using opened = await make();
    const agenda = new Agenda({ backend: opened.backend, name: 'runner', processEvery: 20 });
    const heard = new Heard<string>();
    const tries = { count: 0 };
    agenda.define('once', async () => heard.add('once'), { removeOnComplete: true });
    agenda.define('often', async () => heard.add('often'));
    agenda.define(
      'flaky',
      async () => {
        tries.count += 1;
        if (tries.count < 3) throw { code: tries.count };
        heard.add('flaky');
      },
      { backoff: ({ attempt }) => attempt * 10 },
    );
    await agenda.now('once', {});
    await agenda.every(30, 'often');
    await agenda.now('flaky', {});
    await agenda.start();
    await heard.until(
      (all) =>
        ['once', 'flaky'].every((name) => all.includes(name)) &&
        all.filter((name) => name === 'often').length >= 3,
    );
    const removed = new Heard<void>();
    const looking = setInterval(
      () =>
        void agenda.queryJobs({ name: 'once' }).then(({ total }) => total === 0 && removed.add()),
      10,
    );
    await removed.count(1);
    clearInterval(looking);
    await agenda.stop(false);
    expect(tries.count).toBe(3);
  });
}

/**
 * What @agendajs/mongo-backend 4.0.3 does not do: its saves clear locks, and its every() wakes a
 * disabled job. Alarms use neither there.
 */
export function ownBackendContract(make: MakeBackend): void {
  test('a save leaves the lock and the record of runs alone', async () => {
    await using opened = await make();
    const { repository } = opened.backend;
    const saved = await save(repository, 'a', { type: 'single' });
    await next(repository, 'a');
    await repository.saveJobState(
      { ...saved, lockedAt: new Date(9), failCount: 3, lastRunAt: new Date(8) },
      undefined,
    );
    await save(repository, 'a', { type: 'single', priority: 3 });
    await repository.saveJob(
      { ...job('a', { priority: 4 }), ...(saved._id && { _id: saved._id }) },
      undefined,
    );
    expect(await read(repository, saved)).toMatchObject({
      lockedAt: new Date(9),
      failCount: 3,
      lastRunAt: new Date(8),
      priority: 4,
    });
    await repository.saveJob(
      {
        ...job('a'),
        ...(saved._id && { _id: saved._id }),
        failCount: undefined,
      } as unknown as JobParameters,
      undefined,
    );
    expect((await read(repository, saved)).failCount).toBeUndefined();
  });

  test('a job that was disabled stays so when every() is said again at the next start', async () => {
    await using opened = await make();
    const agenda = new Agenda({ backend: opened.backend, processEvery: 50 });
    agenda.define('often', async () => undefined);
    await agenda.every(1000, 'often');
    await agenda.disable({ name: 'often' });
    await Promise.all([agenda.every(1000, 'often'), agenda.every(2000, 'often')]);
    const { jobs, total } = await agenda.queryJobs({ name: 'often' });
    expect(total).toBe(1);
    expect(jobs[0]).toMatchObject({ disabled: true, type: 'single' });
  });
}
