import type { Tokens } from '../../io/secrets/sealed-tokens.ts';
import type { ToldEvent } from '../../core/people/forms/told-event.ts';
import type { StepClick } from '../../core/clicks/step-click.ts';
import type { Languages } from '../../core/people/wording/languages.ts';
import type { Person } from '../../core/people/person.ts';
import type { Report } from '../../ports/people/mailbox.ts';
import type { Webhook } from '../../ports/people/webhooks.ts';
import type { Store } from '../../ports/store.ts';

/** Whoever holds a token of an unsubscribe link. */
export interface Reader {
  dispatch: string;
  /** The id of the sequence that the message belonged to. */
  sequence: string;
  /** Absent: nothing is known of the person any more. */
  person?: Person;
}

/** What a page of a form is about. */
export interface DoorForm {
  name: string;
  /** What it begins: ids and titles of sequences, in the same order. */
  sequences: string[];
  titles: string[];
}

/** A form that passed every check; whoever sent it need not be the owner of the address. */
export interface SentForm {
  form: DoorForm;
  mail: string;
  fields: Record<string, string>;
  /** Exactly what was shown, and a digest of it. */
  words: string;
  version: string;
  lang: string;
  /** The page that it stood on. */
  from: string;
  ip?: string | undefined;
}

/** A form that waits to be confirmed, or has been. */
export interface AskedForm {
  is: 'open' | 'confirmed' | 'old';
  titles: string[];
  lang?: string;
}

/** What the door does for people; each call is done when it returns. */
export interface PeopleDoor {
  store: Store;
  tokens: Tokens;
  /** In which strangers are spoken to. */
  languages: Languages;
  /** What a sequence is called; absent: it is gone. */
  titleOf(sequence: string): Promise<string | undefined>;
  /** Undefined: nothing begins by a form of this name. */
  findForm(name: string): Promise<DoorForm | undefined>;
  /** Asks the owner of the address by mail, unless that was done often enough. */
  takeForm(sent: SentForm): Promise<void>;
  /** Changes nothing. Undefined: nothing is known of it any more. */
  findAsked(consent: string): Promise<AskedForm | undefined>;
  /** As often as it is asked for: it counts once. `from` is the caller's address. */
  confirm(consent: string, from: string | undefined): Promise<AskedForm | undefined>;
  /** The token with which a shop tells events; absent: none does. */
  eventToken?: string | undefined;
  /** With which the webhooks of shops are signed, by the kind of shop. */
  shopSecrets: Partial<Record<'woocommerce' | 'shopify', string>>;
  /** Returns the ids of those whose person is not known. */
  takeEvents(told: readonly ToldEvent[]): Promise<string[]>;
  /** Clicks on links of messages, judged by all that was opened beside them. */
  takeClicks(clicks: readonly StepClick[]): Promise<void>;
  /** Mail providers that tell what became of mails. */
  webhooks: readonly Webhook[];
  takeReports(reports: readonly Report[]): Promise<void>;
  /** Whether something that is good once was used. */
  isUsed(proof: string): Promise<boolean>;
  /** False: it was used before. */
  noteUsed(proof: string): Promise<boolean>;
  /** Once a day for each provider. */
  tellRefused(name: string, because: string): Promise<void>;
  /** Tells the operator, once for each id. */
  tell(id: string, text: string): Promise<void>;
  /** From one sequence, or from `*`. */
  unsubscribe(person: Person, purpose: string): Promise<void>;
}

/** Undefined: it is not one of our links. */
export async function findReader(
  { store, tokens }: PeopleDoor,
  token: string,
): Promise<Reader | undefined> {
  const dispatch = tokens.read('unsubscribe', token);
  if (dispatch === undefined) return undefined;
  // The id says which person and sequence, also where nothing else is left of them.
  const [, sequence = '', id = ''] = /^([^.~@]+)(?:~\d+)?\.[^@]*@(.+)$/.exec(dispatch) ?? [];
  const person = await store.people.findPerson(id);
  return { dispatch, sequence, ...(person ? { person } : {}) };
}
