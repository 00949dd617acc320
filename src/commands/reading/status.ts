import type { Command } from '../command.ts';

export const status: Command = {
  name: 'status',
  help: 'running or paused, the next post of each account, failures, version',
  async run(context) {
    const [{ readStatus }, { tellStatus }] = await Promise.all([
      import('../views/status-read.ts'),
      import('../views/status-text.ts'),
    ]);
    const json = await readStatus(context);
    return { text: tellStatus(json, context.settings.zone, context.clock.now()), json };
  },
};
