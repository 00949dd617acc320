import type { Context } from 'hono';
import { isLoopback } from '../../io/incoming/caller.ts';
import type { Env } from '../access/visit.ts';
import { root } from './connect-forms.ts';

export const callbackPath = `${root}/callback`;

/**
 * Where this visitor's browser finds us: it says so itself with every form, whatever proxy stands
 * between, and a form of another site has been refused by now. Networks send people back to HTTPS
 * and to their own machine alone; elsewhere a code is typed.
 */
export function callbackOf(c: Context<Env>): string | undefined {
  const origin = c.req.header('origin') ?? '';
  if (!URL.canParse(origin)) return undefined;
  const { protocol, host } = new URL(origin);
  const isTaken = protocol === 'https:' || (protocol === 'http:' && isLoopback(host));
  return isTaken ? `${protocol}//${host}${callbackPath}` : undefined;
}
