import type { Context } from '../context.ts';
import { inPatience } from '../in-patience.ts';
import { reportError } from '../report-error.ts';
import { learnPace } from './weekly-lesson.ts';

/** A lesson that takes long is not waited for: meanwhile the plan goes by the last one. */
export function openLearning(
  context: Context,
  { background, stopping }: { background: Map<Promise<unknown>, string>; stopping: AbortSignal },
): () => Promise<void> {
  let running: Promise<void> | undefined;
  return async () => {
    const learning = (running ??= learnPace({ ...context, stopping })
      .catch((error: unknown) => {
        if (!stopping.aborted) reportError(context, 'the weekly lesson', error);
      })
      .finally(() => {
        background.delete(learning);
        running = undefined;
      }));
    background.set(learning, 'the weekly lesson');
    await inPatience(learning, context.timing.meetFor, stopping);
  };
}
