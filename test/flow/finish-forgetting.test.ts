import { expect, inject, test } from 'vitest';
import { finishForgetting } from '../../src/flow/forget-old.ts';
import { makePlace, startChild } from '../store/kit.ts';
import { makeAct, makeEnrolment, makePerson } from '../store/people-kit.ts';

const mongoTest = inject('mongoUri') ? test : test.skip;

mongoTest('a start goes on with a forgetting that was interrupted, and says so once', async () => {
  await using place = await makePlace(inject('mongoUri'));
  await using store = await place.open();
  const { people } = store;
  for (const id of ['p-a', 'p-b']) {
    await people.addPerson(makePerson(id));
    await people.addActs([makeAct(`e ${id}`, id)]);
    await people.addEnrolment(makeEnrolment('welcome', id));
  }
  const { target } = place;
  const uri = `${target.uri}${target.uri?.includes('?') ? '&' : '?'}monitorCommands=true`;
  const { ended } = startChild('die-within.ts', { ...target, uri }, 'forget', 'p-a', '1');
  expect(await ended).toBe(null);
  expect(await people.listHalfForgotten()).toEqual(['p-a']);
  const said: string[] = [];
  const log = { warn: (text: string) => said.push(text), info: () => undefined };
  await finishForgetting({ store, log });
  expect(said).toEqual([expect.stringMatching(/^p-a was being forgotten when Dripline stopped/)]);
  await finishForgetting({ store, log });
  expect(said).toHaveLength(1);
  expect(await people.listActs({ person: 'p-a' })).toEqual([]);
  expect(await people.listEnrolments({ person: 'p-a' })).toEqual([]);
  expect(await people.listActs({ person: 'p-b' })).toHaveLength(1);
});
