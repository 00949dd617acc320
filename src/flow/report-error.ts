import { StoreError } from '../ports/store.ts';
import type { Context } from './context.ts';

export function reportError({ log }: Pick<Context, 'log'>, what: string, error: unknown) {
  const kind = error instanceof StoreError ? ` (${error.kind})` : '';
  log.warn(
    `${what} did not work${kind}: ${error instanceof Error ? error.message : String(error)}`,
    error instanceof StoreError || !(error instanceof Error) ? {} : { stack: error.stack },
  );
}
