import type { Tokens } from '../../io/secrets/sealed-tokens.ts';
import type { Person } from '../../core/people/person.ts';
import type { Store } from '../../ports/store.ts';

/** Whoever holds a token of an unsubscribe link. */
export interface Reader {
  dispatch: string;
  /** The id of the sequence that the message belonged to. */
  sequence: string;
  /** Absent: nothing is known of the person any more. */
  person?: Person;
}

/** What the door does for people; each call is done when it returns. */
export interface PeopleDoor {
  store: Store;
  tokens: Tokens;
  /** What a sequence is called; absent: it is gone. */
  titleOf(sequence: string): Promise<string | undefined>;
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
