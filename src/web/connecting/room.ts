import type { Context } from 'hono';
import type { CommandContext } from '../../commands/command.ts';
import { Refusal } from '../../core/problem.ts';
import type { Connecting } from '../../ports/connecting/connecting.ts';
import type { Env } from '../access/visit.ts';
import type { Page } from '../parts/page.ts';
import type { Pending, Pendings } from './pending.ts';

export interface ConnectingParts {
  context: CommandContext;
  /** A page in its frame. */
  show(c: Context<Env>, make: Page['make']): Promise<Response>;
  /** What the visitor's next page tells. */
  tell(c: Context<Env>, text: string): void;
}

export interface Room extends ConnectingParts {
  pendings: Pendings;
  open: () => Promise<Connecting>;
}

/** Takes the answer to the network, and tries what it grants. */
export async function finish(room: Room, pending: Pending, answer: string): Promise<void> {
  const connecting = await room.open();
  const signal = AbortSignal.timeout(60_000);
  pending.trouble = undefined;
  try {
    const grant = await pending.consent?.finish(answer, signal);
    if (!grant) return;
    pending.granted = { grant, login: await connecting.check(pending.network, grant) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    pending.trouble = `${error.message}.`;
  }
}
