import { randomUUID } from 'node:crypto';
import { Refusal } from '../../core/problem.ts';
import { formatLocal, toIso } from '../../core/time.ts';
import { parseWhen } from '../../core/when.ts';
import { changeFact, keys } from '../../flow/facts.ts';
import { type MuteFact, noMute } from '../../flow/notify/notify-mute.ts';
import { commandEntry } from '../change.ts';
import { type Command, type CommandContext, WrongUsage } from '../command.ts';

const mute: Command = {
  name: 'mute',
  args: '[when...]',
  help: 'no notices, for a time or until unmuted; what cannot wait (uncertain, held) comes all the same',
  examples: ['mute 2h', 'mute until fri 9am'],
  async run(context, { args }) {
    const { clock, settings, by } = context;
    const words = args.join(' ');
    const until = words ? parseWhen(words, clock.now(), settings.zone) : undefined;
    if (words && until === undefined)
      throw new WrongUsage(`"${words}" is no time that is understood: say 2h, or until fri 9am`);
    if (until !== undefined && until <= clock.now())
      throw new Refusal(`${formatLocal(until, settings.zone)} is not ahead: say a time to come`);
    const how =
      until === undefined
        ? 'until unmuted'
        : `until ${formatLocal(until, settings.zone)} (${settings.zone})`;
    await changeMute(
      context,
      'muted',
      { muted: { since: clock.now(), by, ...(until === undefined ? {} : { until }) } },
      `notices are muted ${how}`,
    );
    return {
      text: `Notices are muted ${how}; what cannot wait comes all the same. \`unmute\` ends it.`,
      json: { muted: true, ...(until === undefined ? {} : { until: toIso(until) }) },
    };
  },
};

const unmute: Command = {
  name: 'unmute',
  help: 'notices come again, and what was missed meanwhile',
  async run(context) {
    await changeMute(context, 'unmuted', noMute, 'notices come again');
    return { text: 'Notices come again.', json: { muted: false } };
  },
};

async function changeMute(
  context: CommandContext,
  type: 'muted' | 'unmuted',
  to: MuteFact,
  text: string,
) {
  const { store } = context;
  await changeFact<MuteFact>(store, keys.mute, noMute, () => to);
  await store.appendJournal([
    commandEntry(context, type, text, {
      command: context.command ?? randomUUID(),
      verb: type === 'muted' ? 'mute' : 'unmute',
      before: [],
    }),
  ]);
}

export const muting: Command[] = [mute, unmute];
