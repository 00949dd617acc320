import { randomUUID } from 'node:crypto';
import { Refusal } from '../../core/problem.ts';
import { changeAccount, nudge, readAccount } from '../../flow/facts.ts';
import { commandEntry } from '../change.ts';
import { type Command, WrongUsage } from '../command.ts';
import { assertAccount } from '../find.ts';

/** The account has a new identity under the same name, and a person says that this is right. */
export const confirm: Command = {
  name: 'confirm',
  args: '<account>',
  help: 'accept that an account is another identity from now on',
  examples: ['confirm bsky'],
  async run(context, { args: [name] }) {
    if (name === undefined)
      throw new WrongUsage('the name of the account is missing: confirm bsky');
    await assertAccount(context, name);
    const { stranger } = await readAccount(context.store, name);
    if (!stranger) throw new Refusal(`${name} has nothing to confirm`);
    await changeAccount(
      context.store,
      name,
      ({ stranger: _stranger, heldBecause: _held, ...fact }) => ({ ...fact, identity: stranger }),
    );
    await context.store.appendJournal([
      commandEntry(context, {
        type: 'confirmed',
        text: `${name} is ${stranger.handle} (${stranger.id}) from now on`,
        data: { command: context.command ?? randomUUID(), verb: 'confirm', before: [] },
        about: { account: name },
      }),
    ]);
    await nudge(context.store);
    return {
      text: `${name} is ${stranger.handle} from now on.`,
      json: { account: name, identity: stranger },
    };
  },
};
