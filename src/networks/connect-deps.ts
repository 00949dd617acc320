import { networkNames, type Network } from '../core/network/network.ts';
import { Refusal } from '../core/problem.ts';
import type { CallAnswer, GuardedCall } from '../io/guarded/guarded-call.ts';
import { GetError } from '../io/guarded-get.ts';
import type { Leave } from '../io/guarded/private-addresses.ts';
import type { Clock } from '../ports/clock.ts';
import type { KnownApps } from '../ports/connecting/connector.ts';
import { clean, readUntil } from './publish-error.ts';
import { fieldsOf } from './stored-payload.ts';

export interface ConnectDeps {
  clock: Clock;
  apps: KnownApps;
  call: GuardedCall;
  /** Which private addresses may be asked for this server: none, unless somebody said so. */
  leaveFor(origin: string): Leave;
  /** For one request, in milliseconds. */
  timeoutFor: number;
}

/** What keeps a server from answering, in words for the person who typed its name. */
export function toUnreachable(error: unknown, host: string): Refusal {
  if (!(error instanceof GetError)) throw error;
  switch (error.kind) {
    case 'forbidden':
      return new Refusal(
        `${host} is in a private network, and only servers on the public internet are connected ` +
          'from a page: to connect one at home, run `dripline init` in a terminal',
      );
    case 'timeout':
      return new Refusal(`${host} did not answer in time: try again later`);
    case 'too-large':
    case 'type':
      return new Refusal(`${host} gave an answer of another kind: check the address`);
    default:
      return new Refusal(
        `${host} cannot be reached: check the spelling, and try again ` +
          `(${clean(error.message, [])})`,
      );
  }
}

export function toFields(text: string): Record<string, unknown> {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return {};
  }
}

/** Until when we have to wait, in whole minutes. */
export function tellWait(answer: Pick<CallAnswer, 'header'>, now: number): string {
  const until = readUntil(answer, now);
  const minutes = until === undefined ? 10 : Math.max(1, Math.ceil((until - now) / 60_000));
  return `try again in ${minutes === 1 ? '1 minute' : `${minutes} minutes`}`;
}

/** A value of a way's field that has to be there. */
export function needed(
  values: Record<string, string>,
  key: string,
  { network, question }: { network: Network; question: string },
): string {
  const value = (values[key] ?? '').trim();
  if (value !== '') return value;
  throw new Refusal(`${networkNames[network]}: "${question}" is empty: fill it in`);
}
