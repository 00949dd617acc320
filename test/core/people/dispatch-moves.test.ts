import { expect, test } from 'vitest';
import { enrolmentId, isLive } from '../../../src/core/people/enrolment.ts';
import * as moves from '../../../src/core/people/dispatch.ts';

const { dispatchStates } = moves;

const at = (state: moves.DispatchState): moves.Dispatch => ({
  id: 'welcome.hello@p-1',
  person: 'p-1',
  sequence: 'welcome',
  run: 1,
  step: 'hello',
  enrolment: 'welcome@p-1',
  state,
  medium: 'mail',
  at: 0,
  why: 'right after entering',
  attempts: 0,
  fence: 1,
  intent: { at: 1, medium: 'mail', addressKey: 'mail:a@b.example', body: 'x', messageId: '<1@x>' },
  revision: 1,
});

test('every move from every state: to one state, or an error that says where it is', () => {
  const table: [
    name: string,
    move: (one: moves.Dispatch) => moves.Dispatch,
    from: moves.DispatchState[],
    to: moves.DispatchState,
  ][] = [
    [
      'claimed',
      (one) => moves.claimedDispatch(one, { by: 'w', until: 9 }),
      ['planned', 'sending'],
      'sending',
    ],
    [
      'intended',
      (one) => moves.intendedDispatch(one, { at: 1, medium: 'mail', addressKey: 'a', body: 'b' }),
      ['sending'],
      'sending',
    ],
    ['opened', (one) => moves.openedDispatch(one, 5), ['sending'], 'sending'],
    [
      'sent',
      (one) => moves.sentDispatch(one, { at: 6, said: '250' }),
      ['sending', 'uncertain'],
      'sent',
    ],
    [
      'put off',
      (one) => moves.putOffDispatch(one, { at: 7, reason: '451' }),
      ['planned', 'sending'],
      'planned',
    ],
    ['failed', (one) => moves.failedDispatch(one, '550'), ['planned', 'sending'], 'failed'],
    ['uncertain', (one) => moves.uncertainDispatch(one, 'no answer'), ['sending'], 'uncertain'],
    [
      'sought',
      (one) =>
        moves.soughtDispatch(
          {
            ...one,
            claim: { by: 'w', until: 9 },
            intent: { at: 1, medium: 'mail', addressKey: 'a', body: 'b', sendingAt: 5 },
          },
          9,
        ),
      ['sending'],
      'sending',
    ],
    ['repeated', (one) => moves.repeatedDispatch(one, 8), ['uncertain'], 'planned'],
    ['bounced', (one) => moves.bouncedDispatch(one, '5.1.1'), ['sent', 'uncertain'], 'bounced'],
    ['held', (one) => moves.heldDispatch(one, 'no name'), ['planned', 'sending'], 'held'],
    ['released', (one) => moves.releasedDispatch(one, 8), ['held', 'failed'], 'planned'],
    [
      'cancelled',
      (one) => moves.cancelledDispatch(one, 'stopped'),
      ['planned', 'held', 'sending'],
      'cancelled',
    ],
  ];
  for (const [name, move, from, to] of table)
    for (const state of dispatchStates) {
      if (from.includes(state)) expect(move(at(state)).state, `${name} from ${state}`).toBe(to);
      else expect(() => move(at(state)), `${name} from ${state}`).toThrow(/is not possible/);
    }
});

test('its bytes and its name stay however often it is tried; once it may be on its way nothing takes it back', () => {
  const claimed = moves.claimedDispatch(at('planned'), { by: 'w', until: 9 });
  const opened = moves.openedDispatch(claimed, 5);
  expect(() => moves.cancelledDispatch(opened, 'stopped')).toThrow(/may be on its way/);
  const again = moves.putOffDispatch(opened, { at: 7, reason: '451' });
  expect(again.intent).toEqual(at('planned').intent);
  expect(again).not.toHaveProperty('claim');
  const unsure = moves.uncertainDispatch(opened, 'no answer');
  const repeated = moves.repeatedDispatch(unsure, 8);
  expect(repeated.intent).toEqual(at('planned').intent);
  const twice = moves.uncertainDispatch(moves.claimedDispatch(repeated, { by: 'w', until: 9 }), '');
  expect(() => moves.repeatedDispatch(twice, 9)).toThrow(/repeated already/);
});

test('the name of a dispatch, and of an enrolment', () => {
  expect(enrolmentId('welcome', 'p-1', 1)).toBe('welcome@p-1');
  expect(enrolmentId('welcome', 'p-1', 2)).toBe('welcome~2@p-1');
  expect(isLive({ state: 'waiting' })).toBe(true);
  expect(isLive({ state: 'left' })).toBe(false);
  const of = { sequence: 'welcome', run: 1, person: 'p-1' };
  expect(moves.dispatchId(of, 'hello')).toBe('welcome.hello@p-1');
  expect(moves.dispatchId({ ...of, run: 2 }, 'hello')).toBe('welcome~2.hello@p-1');
});
