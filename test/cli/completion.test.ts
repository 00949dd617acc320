import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { complete } from '../../src/cli/completing/complete-words.ts';
import { completionFor } from '../../src/cli/completing/scripts.ts';
import { until } from '../flow/world.ts';
import { openCliWorld, run, serve } from './kit.ts';

/** What bash would offer for the line, with the script as it is printed. */
async function inBash(folder: string, script: string, line: string): Promise<string[]> {
  const press = `
set -u
eval "$1"
COMP_LINE="$2"; COMP_POINT=\${#COMP_LINE}; COMP_WORDS=(dripline); COMP_CWORD=0
complete -p dripline >&2
_dripline
printf '%s\\n' "\${COMPREPLY[@]:-}"`;
  const { stdout } = await promisify(execFile)(
    'bash',
    ['--norc', '-c', press, 'bash', script, line],
    { cwd: folder },
  );
  return stdout.split('\n').filter(Boolean);
}

test('bash completes verbs, options, accounts and ids, also behind the sign in an id', async () => {
  await using world = await openCliWorld({ files: { "posts/it's.md": 'A', 'posts/b.md': 'B' } });
  await using _served = await serve(world.folder);
  const { stdout: script, code } = await run(world.folder, 'completion bash');
  expect(code).toBe(0);
  const offer = (line: string) => inBash(world.folder, script, line);
  expect(await offer('dripline sk')).toEqual(['skip']);
  expect(await offer('dripline ')).toEqual(
    expect.arrayContaining(['queue', 'serve', 'init', 'completion', 'report', 'help']),
  );
  expect(await offer('dripline stats --c')).toEqual(['--campaign', '--csv']);
  expect(await offer('dripline export --')).toContain('--move');
  expect(await offer('dripline queue --account b')).toEqual(['bsky']);
  expect(await offer('dripline resume ')).toEqual(expect.arrayContaining(['x', 'bsky', 'masto']));
  await until('the post is read', async () => (await offer('dripline skip b')).includes('b@x'));
  expect(await offer('dripline skip b@b')).toEqual(['bsky']);
  expect(await offer('dripline skip $(touch hacked) ')).toEqual([]);
  expect(await offer('dripline settle b@x no')).toEqual(['not-released']);
  expect(await offer('dripline completion z')).toEqual(['zsh']);
  expect(await offer('dripline nonsense x')).toEqual([]);
});

test('where there is neither configuration nor store, nothing is offered for ids and nothing is said', async () => {
  const none = '/nonexistent/folder';
  expect(await complete(none, ['skip', ''])).toEqual([]);
  expect(await complete(none, ['sk'])).toEqual(['skip']);
  expect(await complete(none, [])).toContain('queue');
});

test('each shell has its script, which calls this Dripline by its path, and no other shell has one', async () => {
  const called = { node: "/opt/it's node", program: '/a b/dripline.js' };
  for (const shell of ['bash', 'zsh'])
    expect(completionFor(shell, called)).toContain(
      String.raw`'/opt/it'\''s node' '/a b/dripline.js' __complete`,
    );
  expect(completionFor('fish', called)).toContain(String.raw`'/opt/it\'s node' '/a b/dripline.js'`);
  expect(() => completionFor('powershell', called)).toThrow(/no completion for "powershell"/);
  await promisify(execFile)('bash', ['-n', '-c', completionFor('bash', called)]);
});
