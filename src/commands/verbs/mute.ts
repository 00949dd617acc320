import { randomUUID } from 'node:crypto';
import { pickDefined } from '../../core/pick-defined.ts';
import { Refusal } from '../../core/problem.ts';
import { formatFar, toIso } from '../../core/time.ts';
import { parseWhen, whyNoTime } from '../../core/when.ts';
import { changeFact } from '../../flow/facts.ts';
import { isMuted, type MuteFact, muteFact, noMute } from '../../flow/notify/notify-mute.ts';
import { commandEntry } from '../change.ts';
import { type Command, type CommandContext, WrongUsage } from '../command.ts';
import { noteReally } from '../real-time.ts';

export const mute: Command = {
  name: 'mute',
  args: '[when...]',
  help: 'stop notices, for a time or until unmuted; urgent ones (uncertain, held) are sent anyway',
  examples: ['mute 2h', 'mute until fri 9am'],
  async run(context, { args }) {
    const { clock, settings, by } = context;
    const words = args.join(' ');
    const until = words ? parseWhen(words, clock.now(), settings.zone) : undefined;
    if (words && until === undefined)
      throw new WrongUsage(
        `${whyNoTime(words, clock.now(), settings.zone)}. Use 2h, or until fri 9am`,
      );
    if (until !== undefined && until <= clock.now())
      throw new Refusal(
        `${formatFar(until, settings.zone, clock.now())} is in the past. Use a later time`,
      );
    const how =
      until === undefined
        ? 'until unmuted'
        : `until ${formatFar(until, settings.zone, clock.now())} (${settings.zone})`;
    await changeMute(context, {
      type: 'muted',
      to: { muted: pickDefined({ since: clock.now(), by, until }) },
      text: `notices are muted ${how}`,
    });
    return {
      text:
        `Notices are muted ${how}; urgent ones are sent anyway. \`unmute\` ends it.` +
        noteReally(clock, until),
      json: pickDefined({ muted: true, until: until === undefined ? undefined : toIso(until) }),
    };
  },
};

export const unmute: Command = {
  name: 'unmute',
  help: 'send notices again, and those that were held back',
  async run(context) {
    if (!(await isMuted(context.store, context.clock.now())))
      return { text: 'Notices are not muted: nothing changed.', json: { muted: false } };
    await changeMute(context, { type: 'unmuted', to: noMute, text: 'notices are no longer muted' });
    return { text: 'Notices are no longer muted.', json: { muted: false } };
  },
};

async function changeMute(
  context: CommandContext,
  { type, to, text }: { type: 'muted' | 'unmuted'; to: MuteFact; text: string },
) {
  const { store } = context;
  await changeFact(store, muteFact, () => to);
  await store.appendJournal([
    commandEntry(context, {
      type,
      text,
      data: {
        command: context.command ?? randomUUID(),
        verb: type === 'muted' ? 'mute' : 'unmute',
        before: [],
      },
      about: {},
    }),
  ]);
}
