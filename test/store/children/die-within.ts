// Does one thing to one person, and kills itself right after its nth write; says when it got
// through.
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { MongoClient } from 'mongodb';
import { openStore } from '../../../src/store/open-store.ts';
import { makeEntry } from '../kit.ts';
import { makeDispatch, makeEnrolment } from '../people-kit.ts';

const [target = '', what = '', person = '', last = ''] = process.argv.slice(2);
let left = Infinity;

const countWrite = () => {
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
};

/** Calls what it was, and counts it once it has happened. */
function countCalls<T extends object>(prototype: T, name: keyof T & string): void {
  const before = prototype[name] as (...values: unknown[]) => unknown;
  Object.assign(prototype, {
    [name](this: T, ...values: unknown[]) {
      const result = before.apply(this, values);
      countWrite();
      return result;
    },
  });
}
countCalls(StatementSync.prototype, 'run');
countCalls(DatabaseSync.prototype, 'exec');

const writes = new Set(['insert', 'update', 'delete', 'findAndModify']);
const connect = MongoClient.prototype.connect;
MongoClient.prototype.connect = function (this: MongoClient) {
  this.on('commandSucceeded', ({ commandName }) => {
    if (writes.has(commandName)) countWrite();
  });
  return connect.call(this);
};

await using store = await openStore({ ...JSON.parse(target), mode: 'beside' });
const { people } = store;
const enrolment = makeEnrolment('welcome', person);
const one = await people.findPerson(person);
if (!one) throw new Error(`${person} is not there`);

const acts: Record<string, () => Promise<boolean>> = {
  change: () =>
    people.change({
      person: { before: one, after: { ...one, status: 'won' } },
      enrolment: { before: enrolment, after: { ...enrolment, why: 'changed' } },
      dispatch: { after: makeDispatch(enrolment, 'one') },
      entries: [makeEntry(`first ${person}`), makeEntry(`second ${person}`)],
    }),
  enter: () =>
    people.addEnrolment(makeEnrolment('other', person), [makeEntry(`entered ${person}`)]),
  coupon: async () => {
    const code = `Code of ${person}`;
    const got = await people.reserveCoupon({ file: 'spring', code, person, at: 1 });
    return got === code;
  },
  forget: () => people.forgetPerson(person),
};
left = Number(last);
if (!(await acts[what]?.())) throw new Error(`${what} was refused`);
left = Infinity;
console.log('through');
