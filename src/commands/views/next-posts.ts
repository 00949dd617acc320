import { networkNames } from '../../core/network/network.ts';
import { formatLocal } from '../../core/time.ts';
import { findPostsOf } from '../../flow/ingest/find-post.ts';
import type { CommandContext, Input, Reply } from '../command.ts';
import { toCount } from '../find.ts';
import { previewOf, tellMessage } from './preview.ts';
import { toRow } from './rows.ts';

export async function runNext(context: CommandContext, { args }: Input): Promise<Reply> {
  const { store, settings } = context;
  const limit = args[0] === undefined ? 3 : toCount(args[0], 'next takes a number, such as next 5');
  const planned = await store.listDeliveries({ states: ['planned'], order: 'at', limit });
  const found = await findPostsOf(store, [...new Set(planned.map(({ post }) => post))]);
  const posts = new Map(found.map((stored) => [stored.id, stored]));
  const shown = await Promise.all(
    planned.map(async (one) => ({
      ...toRow(one),
      ...(await previewOf(context, one, posts.get(one.post))),
    })),
  );
  const texts = shown.map((one) => {
    const at = one.at === undefined ? '' : formatLocal(Date.parse(one.at), settings.zone);
    const head = `${at}  ${one.delivery} on ${networkNames[one.network]}`;
    return [head, ...tellMessage(one)].join('\n');
  });
  return {
    text:
      texts.join('\n\n') ||
      'Nothing is scheduled. `dripline queue` shows what each post is waiting for.',
    json: shown,
  };
}
