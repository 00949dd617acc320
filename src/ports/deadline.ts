/** How long aborted work may still run before it is no longer awaited, in milliseconds. */
const leaveAfter = 500;

export interface Deadline {
  /** Of the caller. */
  signal?: AbortSignal | undefined;
  /** Milliseconds. */
  limitFor: number;
}

/**
 * Runs work with a signal that is aborted by the caller or when the time is up, and rejects a
 * moment after that even where the work does not listen: with the caller's reason, or a
 * DOMException called TimeoutError. The timer holds the signal: AbortSignal.any over
 * AbortSignal.timeout may be collected as garbage and never fire (nodejs/node#57736).
 */
export async function within<T>(
  { signal, limitFor }: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const left = Promise.withResolvers<never>();
  left.promise.catch(() => undefined);
  const stop = (reason: unknown) => {
    controller.abort(reason);
    timers.push(setTimeout(() => left.reject(reason), leaveAfter));
  };
  const stopByCaller = () => stop(signal?.reason);
  const timers = [
    setTimeout(
      () => stop(new DOMException(`not finished within ${limitFor / 1000} s`, 'TimeoutError')),
      limitFor,
    ),
  ];
  signal?.addEventListener('abort', stopByCaller, { once: true });
  try {
    return await Promise.race([work(controller.signal), left.promise]);
  } finally {
    signal?.removeEventListener('abort', stopByCaller);
    for (const timer of timers) clearTimeout(timer);
  }
}
