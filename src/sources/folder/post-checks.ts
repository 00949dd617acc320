import { type Network, networks } from '../../core/network/network.ts';
import { errorAt, noteAt, type Problem } from '../../core/problem.ts';
import { didYouMean } from '../../core/text/suggest.ts';
import type { FrontMatter, ReadFrontMatter } from './front-matter.ts';

/** The names that a post may refer to. */
export interface KnownNames {
  accounts: { name: string; network: Network }[];
  queues: string[];
  campaigns: string[];
  /** The people that texts may address; absent: none. */
  mentions?: string[];
}

export function checkNames(
  value: FrontMatter,
  locate: ReadFrontMatter['locate'],
  names: KnownNames,
): Problem[] {
  const known = [...networks, ...names.accounts.map(({ name }) => name)];
  const problems = (value.networks ?? []).flatMap((name, i) =>
    known.includes(name)
      ? []
      : [errorAt(locate(['networks', i]), `unknown network "${name}"`, didYouMean(name, known))],
  );
  const { queue, campaign } = value;
  if (queue !== undefined && queue !== 'none' && !names.queues.includes(queue)) {
    const hint = names.queues.length
      ? didYouMean(queue, names.queues)
      : 'add it under queues in the configuration';
    problems.push(errorAt(locate(['queue']), `unknown queue "${queue}"`, hint));
  }
  if (campaign !== undefined && !names.campaigns.includes(campaign)) {
    const what = `campaign "${campaign}" is not in the configuration`;
    problems.push(noteAt(locate(['campaign']), what, 'its links get no UTM tags'));
  }
  return problems;
}

export function checkId(id: string, file: string): Problem[] {
  if (id !== '') return [];
  const hint = 'set an id in the front matter';
  return [errorAt(file, 'no id can be derived from this file name', hint)];
}
