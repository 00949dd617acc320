import { measuredSoon, until, untilQuiet, type World } from './world.ts';

export const files = {
  'posts/a.md': '---\nevergreen: { every: 1d }\n---\nAgain.',
  'posts/b.md': 'One.\n\n---\nTwo.',
  'posts/c.md': '---\ncampaign: spring\napproval: required\n---\nMay I?',
  'posts/d.md': '---\nfollow-ups: [{ when: likes >= 1, within: 1d, text: Thanks }]\n---\nLike it.',
  'posts/e.md': '---\ndate: 2026-11-30\n---\nPinned.',
};

const verbs = [
  'status',
  'queue',
  'queue --days=60',
  'next 3',
  'show b',
  'plan',
  'journal --limit=20',
  'stats',
  'stats --days=90',
  'stats --campaign=spring',
  'pause x',
  'resume x',
  'move d top',
  'skip d',
  'undo',
  'mute 1h',
  'unmute',
  'approve c',
  'withdraw e',
];

const pages = ['/', '/queue', '/calendar', '/engagement', '/pace', '/campaigns', '/accounts'];

/** Serves the files, and asks whatever the verbs and the pages ask the store. */
export async function askForAll(world: World): Promise<void> {
  await using served = await world.serve({ timing: measuredSoon });
  await world.say('resume');
  await untilQuiet(world, world.clock);
  await until('a look', async () => {
    const [one] = await served.context.store.listSamples({
      account: 'x',
      releasedSince: 0,
      isLatest: true,
    });
    return one;
  });
  for (const verb of verbs) await world.say(verb).catch(() => undefined);
  for (const page of [...pages, '/journal', '/posts/b', '/metrics', '/queue?show=released'])
    await fetch(new URL(page, served.web));
}
