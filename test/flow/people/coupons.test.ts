import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseCoupons } from '../../../src/core/people/coupons/coupon-file.ts';
import { day } from '../../../src/core/time.ts';
import { enter } from '../../../src/flow/people/enter.ts';
import type { Store } from '../../../src/ports/store.ts';
import { readCouponCells } from '../../../src/sources/coupons/coupon-cells.ts';
import { openCoupons } from '../../../src/sources/coupons/open-coupons.ts';
import { peopleStores } from './stores.ts';
import { Crash, openPeopleWorld, sequence, step } from './people-world.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dripline-coupons-'));
  mkdirSync(join(folder, 'coupons'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (text: string) => writeFileSync(join(folder, 'coupons/spring.csv'), text);
const offer = (id = 'offer') => step(id, { coupon: 'spring', text: '{{coupon}}' });

function open(store: Store, steps = [offer()]) {
  const coupons = openCoupons({ postsFolder: folder, label: 'posts' });
  const world = openPeopleWorld({ store, sequences: [sequence(steps)], coupons });
  const come = async (id: string) => {
    const person = await world.add(id);
    const welcome = world.sequences.get('welcome') ?? sequence([]);
    await enter(world.context, { person, sequence: welcome, by: 'form' });
  };
  return { world, come };
}

describe.each(peopleStores)('on $name', ({ open: openPlace }) => {
  const withStore = async (work: (store: Store) => Promise<void>) => {
    await using place = await openPlace();
    await work(place.store);
  };

  test('each person gets a code of its own, and the same one in every step', () =>
    withStore(async (store) => {
      write('code,worth\nAA-1,10\nAA-2,10\nAA-3,10\n');
      const again = step('again', { coupon: 'spring', text: '{{coupon}}', waitFor: day });
      const { world, come } = open(store, [offer(), again]);
      for (const id of ['p-1', 'p-2', 'p-3']) await come(id);
      await world.settle();
      world.clock.move(2 * day);
      await world.settle();
      const texts = (id: string) =>
        world.received.filter(({ dispatch }) => dispatch.endsWith(id)).map(({ text }) => text);
      expect(new Set(world.received.map(({ text }) => text))).toEqual(
        new Set(['AA-1', 'AA-2', 'AA-3']),
      );
      for (const id of ['p-1', 'p-2', 'p-3']) {
        const [first, second] = texts(id);
        expect(second).toBe(first);
      }
    }));

  test('whatever is done to the file, a code that was given out is not given out again', () =>
    withStore(async (store) => {
      write('A\nB\nC\n');
      const { world, come } = open(store);
      await come('p-1');
      await world.settle();
      write('C\na\nB\nD\n');
      await come('p-2');
      await world.settle();
      write('A\n');
      await come('p-3');
      await world.settle();
      expect((await world.dispatch('welcome.offer@p-3'))?.state).toBe('held');
      await store.people.forgetPerson('p-1');
      write('A\nB\n');
      await world.reread();
      await world.settle();
      expect(world.received.map(({ text }) => text)).toEqual(['A', 'C', 'B']);
    }));

  test('a file that runs dry holds whoever comes after it, is reported once, and goes on when it has codes', () =>
    withStore(async (store) => {
      write('A\n');
      const { world, come } = open(store);
      for (const id of ['p-1', 'p-2', 'p-3', 'p-4']) await come(id);
      await world.settle();
      await world.reread();
      await world.settle();
      expect(world.received.map(({ text }) => text)).toEqual(['A']);
      const told = (await store.listJournal({ types: ['notice'] })).map(({ text }) => text);
      expect(told).toEqual([
        'posts/coupons/spring.csv has no code left. Messages that need one wait: add codes to it',
      ]);
      const held = await store.people.listDispatches({ states: ['held'] });
      expect(held.map(({ reason }) => reason)).toEqual(
        Array.from(
          { length: 3 },
          () => 'posts/coupons/spring.csv has no code left: add codes to it',
        ),
      );
      write('A\nB\nC\nD\n');
      await world.reread();
      await world.settle();
      expect(world.received.map(({ text }) => text).sort()).toEqual(['A', 'B', 'C', 'D']);
    }));

  test('a process that dies after the code was taken, before or while it is sent, gives the same code', () =>
    withStore(async (store) => {
      write('A\nB\nC\nD\n');
      const { world, come } = open(store);
      await come('p-1');
      const { reserveCoupon } = store.people;
      store.people.reserveCoupon = async (one) => {
        await reserveCoupon(one);
        throw new Crash('killed right after it was reserved');
      };
      await expect(world.sweep()).rejects.toThrow(Crash);
      store.people.reserveCoupon = reserveCoupon;
      world.restart();
      world.reactions.push(async () => {
        throw new Crash('killed before anything was handed over');
      });
      await expect(world.sweep()).rejects.toThrow(Crash);
      world.restart();
      await world.settle();
      expect(world.received.map(({ text }) => text)).toEqual(['A']);
      expect(await store.people.listCoupons('p-1')).toHaveLength(1);
    }));

  test('a file that is not there holds the message, and says where it is looked for', () =>
    withStore(async (store) => {
      const { world, come } = open(store);
      await come('p-1');
      await world.settle();
      const dispatch = await world.dispatch('welcome.offer@p-1');
      expect(dispatch?.reason).toBe(
        'there is no posts/coupons/spring.csv: write one code a line into it',
      );
    }));
});

test('lines that are no code, and codes that stand twice, are named; the rest is used', () => {
  const long = 'x'.repeat(101);
  const some = ['"AB.1";10', 'ab,1', 'A B', ',10', '', long, 'Ä-2\tx', 'ä-2'];
  const text = `\uFEFFCode;worth\r\n${some.join('\r\n')}`;
  const { codes, problems } = parseCoupons(readCouponCells(text, 'c.csv'), 'c.csv');
  expect(codes).toEqual(['AB.1', 'ab', 'Ä-2']);
  expect(problems.map(({ where, what }) => `${where} ${what}`)).toEqual([
    'c.csv:4 has a code with spaces in it',
    'c.csv:5 has no code',
    'c.csv:7 has a code of more than 100 characters',
    'c.csv:9 has the same code as line 8',
  ]);
  const many = parseCoupons(readCouponCells('A A\n'.repeat(50_000), 'c.csv'), 'c.csv');
  expect(many.problems).toHaveLength(6);
  expect(many.problems.at(-1)?.what).toBe('has 49995 more such lines');
});

test('a cell over two lines is one cell, and what is no code is named and not given out', () => {
  const bad = [
    '"SPRING\nG"',
    'https://evil.example',
    '{{person.name}}',
    '=cmd|x',
    '+49',
    '"A,B"',
    '<b>',
    'a@b.example',
  ];
  for (const one of bad) {
    const text = `code;note\nOK-1;"over\ntwo lines"\n${one}\nOK_2\n`;
    const { codes, problems } = parseCoupons(readCouponCells(text, 'c.csv'), 'c.csv');
    expect(codes).toEqual(['OK-1', 'OK_2']);
    expect(problems.map(({ where }) => where)).toEqual(['c.csv:4']);
  }
  const good = ['SPRING-10', 'ЛЕТО_5', '夏2026', '10%', 'a.b+c', '५'];
  const { codes } = parseCoupons(readCouponCells(good.join('\n'), 'c.csv'), 'c.csv');
  expect(codes).toEqual(good);
  expect(() => readCouponCells('A\n"B\nC\n', 'c.csv')).toThrow(/c\.csv cannot be read as CSV/);
});
