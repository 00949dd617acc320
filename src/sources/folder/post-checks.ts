import { type Network, networks } from '../../core/network/network.ts';
import { errorAt, noteAt, type Problem } from '../../core/problem.ts';
import { didYouMean } from '../../core/text/suggest.ts';
import type { FollowUpRule, FrontMatter, ReadFrontMatter } from './front-matter.ts';

/** The names that a post may refer to. */
export interface KnownNames {
  accounts: { name: string; network: Network }[];
  queues: string[];
  campaigns: string[];
  /** The people that texts may address; absent: none. */
  mentions?: string[];
  /** Links go out counted, so that rules may ask for clicks. */
  countsLinks?: boolean;
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
  problems.push(...checkClicks(value, locate, names));
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

/** Nobody counts them: a rule that asks for them never applies. */
function checkClicks(
  { link, followUps = [] }: FrontMatter,
  locate: ReadFrontMatter['locate'],
  { countsLinks = false }: KnownNames,
): Problem[] {
  const walk = (rules: FollowUpRule[], path: PropertyKey[]): Problem[] =>
    rules.flatMap((rule, i) => {
      const here = [...path, i];
      const hint = hintForClicks({ countsLinks, hasLink: link !== undefined && path.length === 1 });
      const isMissed = hint !== undefined && rule.when !== undefined && asksForClicks(rule.when);
      const what = `"${rule.when}" asks for clicks, and they are not known: it never applies`;
      return [
        ...(isMissed ? [noteAt(locate([...here, 'when']), what, hint)] : []),
        ...walk(rule.followUps ?? [], [...here, 'followUps']),
      ];
    });
  return walk(followUps, ['followUps']);
}

const asksForClicks = (when: string) => /\bclicks\b/i.test(when.slice(0, 1000));

function hintForClicks({ countsLinks, hasLink }: { countsLinks: boolean; hasLink: boolean }) {
  if (!countsLinks) return 'set links: counted and public: { url } in the configuration';
  return hasLink ? undefined : 'only a post with a link: of its own is counted';
}

export function checkId(id: string, file: string): Problem[] {
  if (id !== '') return [];
  const hint = 'set an id in the front matter';
  return [errorAt(file, 'no id can be derived from this file name', hint)];
}
