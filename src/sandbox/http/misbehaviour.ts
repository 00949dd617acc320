import { pickDefined } from '../../core/pick-defined.ts';
import { networks, type Network } from '../../core/network/network.ts';
import { Refusal } from '../../core/problem.ts';

/**
 * `after-commit`: the network has accepted the request durably, and the answer is lost or spoilt.
 * All others but slow, wrong-date and `processing` never reach it. `reset-midway`: the connection
 * is cut in the middle of what the request brings. `processing`: of the file that it brings.
 */
export const misbehaviours = [
  'reset-before',
  'reset-after-commit',
  'hang',
  'hang-after-commit',
  'truncate',
  'html-502',
  'html-502-after-commit',
  'html-200-after-commit',
  '429',
  '503',
  '503-after-commit',
  'slow',
  'wrong-date',
  'reset-midway',
  '413',
  'processing-hangs',
  'processing-fails',
] as const;
export type Misbehaviour = (typeof misbehaviours)[number];

/**
 * Of the mail server, besides those that end or delay a connection: it answers with this code. A
 * mail is committed at the end of its DATA.
 */
export const mailMisbehaviours = [
  'reset-before',
  'reset-midway',
  'reset-after-commit',
  'hang',
  'hang-after-commit',
  'slow',
  'smtp-421',
  'smtp-451',
  'smtp-535',
  'smtp-550',
  'smtp-554',
] as const;

export interface Rule {
  network: Network | 'mail';
  /**
   * A regular expression on `METHOD /path`; absent: every request. Of the mail server on CONNECT,
   * AUTH, `MAIL FROM:<address>`, `RCPT TO:<address>` or DATA; absent: DATA.
   */
  route?: string | RegExp;
  /** How often it happens; absent: until it is undone. */
  times?: number;
  /** Every n-th request that matches; absent: each. */
  every?: number;
  how: Misbehaviour | (typeof mailMisbehaviours)[number];
  /** `slow`: how long; `wrong-date`: how far the Date header is off. */
  ms?: number;
}

export interface Rules {
  /** Returns what undoes it. */
  add(rule: Rule): () => void;
  clear(): void;
  /** The rule that this request falls under; counts it. */
  take(network: string, request: string): Rule | undefined;
}

export function createRules(): Rules {
  let active: { rule: Rule; pattern: RegExp; matched: number; done: number }[] = [];
  return {
    add(rule) {
      const entry = {
        rule,
        pattern: new RegExp(rule.route ?? usualRoute(rule)),
        matched: 0,
        done: 0,
      };
      active.push(entry);
      return () => {
        active = active.filter((other) => other !== entry);
      };
    },
    clear() {
      active = [];
    },
    take(network, request) {
      for (const entry of active) {
        if (entry.rule.network !== network || !entry.pattern.test(request)) continue;
        if (entry.rule.times !== undefined && entry.done >= entry.rule.times) continue;
        entry.matched++;
        if (entry.matched % (entry.rule.every ?? 1) !== 0) continue;
        entry.done++;
        return entry.rule;
      }
      return undefined;
    },
  };
}

const usualRoute = ({ network }: Rule) => (network === 'mail' ? '^DATA$' : '');

/** Reads what another process sent. Throws a Refusal that says what a rule may be. */
export function parseRule(body: unknown): Rule {
  const { network, route, times, every, how, ms } = (
    typeof body === 'object' && body !== null ? body : {}
  ) as Record<string, unknown>;
  const isCount = (value: unknown) =>
    value === undefined || (Number.isInteger(value) && Number(value) > 0);
  const known = [...networks, 'mail'];
  if (!known.includes(String(network)))
    throw new Refusal(`A rule needs a network: ${known.join(', ')}.`);
  const ways: readonly string[] = network === 'mail' ? mailMisbehaviours : misbehaviours;
  if (!ways.includes(String(how))) throw new Refusal(`A rule needs a "how": ${ways.join(', ')}.`);
  if (!isCount(times) || !isCount(every))
    throw new Refusal('"times" and "every" are whole numbers from 1 up.');
  if (ms !== undefined && !Number.isFinite(ms))
    throw new Refusal('"ms" is a number of milliseconds.');
  if (route !== undefined && !isPattern(route))
    throw new Refusal('"route" is a regular expression on "METHOD /path".');
  return {
    network: network as Rule['network'],
    how: how as Rule['how'],
    ...pickDefined({
      route: route as string | undefined,
      times: times as number | undefined,
      every: every as number | undefined,
      ms: ms as number | undefined,
    }),
  };
}

function isPattern(text: unknown): boolean {
  try {
    return typeof text === 'string' && new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
