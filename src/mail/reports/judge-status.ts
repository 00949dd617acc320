/** `hard`: the address is none; `soft`: not now; `policy`: it is about us, not about the person. */
export type Verdict = 'hard' | 'soft' | 'policy';

const code = /(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])/;
const reply = /(?<![\d.-])([45]\d\d)(?=[ -])/;

const anyOf = (...words: string[]) => new RegExp(`\\b(?:${words.join('|')})\\b`, 'i');
const box = '(?:user|mailbox|recipient|address|account)';

const aboutUs = anyOf(
  'spam',
  'spamhaus',
  'block(?:ed|list|listed)',
  'black ?list(?:ed)?',
  'reputation',
  'policy',
  'dmarc',
  'spf',
  'dkim',
  'relay(?:ing)? (?:access )?denied',
  'rate limit',
  'too many',
);
const unknown = anyOf(
  `${box}\\b.{0,20}\\b(?:unknown|not found|disabled|invalid|inactive)`,
  `(?:unknown|invalid|no such|no) ${box}`,
  "(?:does(?:n't| not) |not )exist",
  '(?:host(?: or domain name)?|domain) not found',
  'nxdomain',
  'unbekannt',
);
const full = anyOf('full', 'over ?quota', 'quota exceeded', 'insufficient (?:system )?storage');

/**
 * What a report means for the address. The status of a report is often only `5.0.0`: the words of
 * the server then have the one that says more.
 */
export function judgeStatus(
  written: string,
  said: string,
): { verdict: Verdict; status: string | undefined } {
  const [own, inWords] = [code.exec(written)?.[1], code.exec(said.slice(0, 5000))?.[1]];
  const isVague = own === undefined || /^[45]\.0\.0$/.test(own);
  const status = isVague ? (inWords ?? own) : own;
  return { verdict: verdictOf(status, said.slice(0, 5000)), status };
}

function verdictOf(status: string | undefined, said: string): Verdict {
  const [kind, group, detail] = status?.split('.') ?? [];
  const isTemporary = kind === '4' || (status === undefined && reply.exec(said)?.[1]?.[0] === '4');
  if (group === '7') return 'policy';
  if (isTemporary) return 'soft';
  if (group === '1') return detail === '8' || detail === '7' ? 'policy' : 'hard';
  if (group === '2') return detail === '1' ? 'hard' : 'soft';
  if (group === '4') return detail === '4' || unknown.test(said) ? 'hard' : 'soft';
  if (group === '0' || group === undefined) return byWords(said, status !== undefined);
  return 'soft';
}

/** Where no number says more. */
function byWords(said: string, isPermanent: boolean): Verdict {
  if (unknown.test(said)) return 'hard';
  if (aboutUs.test(said)) return 'policy';
  if (full.test(said)) return 'soft';
  return isPermanent ? 'hard' : 'soft';
}
