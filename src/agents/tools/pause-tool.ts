import { z } from 'zod';
import { pauseLonger } from '../../commands/verbs/pause.ts';
import { defineTool } from './tool.ts';

/** An agent may stop what runs, and start nothing: a pause that is there is not shortened. */
export const pause = defineTool({
  name: 'pause',
  title: 'Pause',
  description:
    'Stops publishing, on one account or everywhere, for a time or until a person resumes it. ' +
    'Only a person can resume. A pause that lasts longer already stays as it is.',
  input: z.strictObject({
    account: z.string().min(1).max(100).optional().describe('Absent: everything is paused'),
    until: z
      .string()
      .min(1)
      .max(60)
      .optional()
      .describe('2h, 18:00, until fri 9am; absent: until a person resumes'),
  }),
  output: z.looseObject({ summary: z.string() }),
  writes: true,
  async run(context, { account, until }) {
    const { assertAccount } = await import('../../commands/find.ts');
    if (account !== undefined) await assertAccount(context, account);
    const args = [account, until].filter((one) => one !== undefined);
    const { text, json } = await pauseLonger(context, args);
    return { summary: text, ...(json as object) };
  },
});
