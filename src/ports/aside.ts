/** A function that a module exports; what it takes and gives can be cloned. */
export interface Task<_Input, _Output> {
  /** The `import.meta.url` of the module. */
  module: string;
  name: string;
}

/**
 * Runs a task where nothing else waits for it. Rejects when it was ended at its deadline or by the
 * signal, when it took too much memory, and with what it threw.
 */
export type Aside = <Input, Output>(
  task: Task<Input, Output>,
  input: Input,
  limits: { deadlineMs: number; signal?: AbortSignal },
) => Promise<Output>;
