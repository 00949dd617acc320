import { readWordings } from '../../app/people/open-languages.ts';
import { sequencesOf } from '../../app/people/open-people.ts';
import type { Config } from '../../config/config.ts';
import { countsOf } from '../../core/people/condition/counts-in.ts';
import type { Sequence, Step } from '../../core/people/sequence.ts';
import { errorAt, noteAt, type Problem } from '../../core/problem.ts';
import { checkCoupons } from './check-coupons.ts';
import { checkMessages } from './check-message-steps.ts';
import { checkLetters, isByLetter } from './check-letters.ts';
import { plural } from '../../core/plural.ts';

/** Mail programs cut what is longer. */
const longestText = 60_000;

/** Each sequence by itself, and what it needs of the configuration. */
export async function checkSequences(config: Config): Promise<Problem[]> {
  const { sequences, broken, notes } = await sequencesOf(config).read();
  return [
    ...[...broken.values()].flat(),
    ...notes,
    ...(await checkCoupons(config, sequences)),
    ...(await readWordings(config)).problems,
    ...(await checkLetters(config, sequences)),
    ...sequences.flatMap((one) => [
      ...checkWays(one, config),
      ...checkCounted(one, config),
      ...checkMessages(one, config),
      ...one.steps.flatMap((step) => checkStep(one, step)),
    ]),
  ];
}

function checkWays(
  { file, by, steps, start }: Sequence,
  { mail, public: door, accounts }: Config,
): Problem[] {
  const problems: Problem[] = [];
  const byMail = by.includes('mail') || steps.some((step) => step.by?.includes('mail'));
  if (byMail && !mail) {
    const hint = 'add mail: with your mail server. Until then nothing goes out';
    problems.push(errorAt(file, 'is sent by mail, and there is no mail server', hint));
  }
  const words = start.flatMap((one) => (one.by === 'reply' ? [one.word] : []));
  if (words.length > 0 && accounts.length === 0) {
    const what = `begins by the answer ${words.join(' or ')}, and there is no account to answer`;
    problems.push(noteAt(file, what, 'connect an account, or use form: or event:'));
  }
  const forms = start.filter((one) => one.by === 'form');
  if (forms.length > 0 && !door) {
    const what = `has ${plural(forms.length, 'form')}, and no address where people reach it`;
    problems.push(noteAt(file, what, 'add public: { url: https://go.example.com }'));
  }
  return problems;
}

/** Conditions about what nobody counts: they never hold, or always. */
function checkCounted(sequence: Sequence, { public: door }: Config): Problem[] {
  return countsOf(sequence).flatMap(({ of, file }) => {
    if (of === 'clicked' && sequence.clicks === 'off')
      return [noteAt(file, 'asks for clicks, and they are off', 'write clicks: counted')];
    if (of !== 'visited' || door?.visits) return [];
    const hint = 'name it: public: { visits: [https://example.com] }, and include its /v.js';
    return [noteAt(file, 'asks for visits, and no site tells them', hint)];
  });
}

function checkStep(sequence: Sequence, step: Step): Problem[] {
  const { file, text } = step;
  const problems: Problem[] = [];
  // What is printed is tried out, and its pictures are files.
  if (isByLetter(sequence, step)) return problems;
  if (text.length > longestText)
    problems.push(noteAt(file, 'is so long that mail programs cut it', 'link to a page instead'));
  const other =
    /\]\((?!https?:|mailto:|tel:|\{\{|#)((?:[^()\s]|\([^()\s]{0,100}\)){1,200})\)/i.exec(text)?.[1];
  if (other !== undefined) {
    const hint = 'in a mail only https://, http://, mailto: and tel: are links';
    problems.push(errorAt(file, `links to "${other}"`, hint));
  }
  return problems;
}
