import { tellSpeed } from '../../core/time.ts';
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
    const { clock, settings } = context;
    const text = tellStatus(json, settings.zone, clock.now());
    const { speed } = clock;
    return { text: speed === undefined ? text : `${text}\n\n${tellSpeed(speed)}`, json };
  },
};
