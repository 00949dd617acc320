import type { Command } from '../command.ts';

export const show: Command = {
  name: 'show',
  args: '<id>',
  help: 'one post: text for each network, length, media, state, links',
  examples: ['show hello', 'show hello@bsky'],
  run: async (context, input) => (await import('../views/show-post.ts')).runShow(context, input),
};
