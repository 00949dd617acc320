import type { Person } from '../../core/people/person.ts';

type Cursor = Pick<Person, 'createdAt' | 'id'>;

export interface PeoplePage {
  after: Cursor | undefined;
  /** The query of the page before; undefined: this is the first. */
  newer: Record<string, string> | undefined;
  older(last: Cursor | undefined): Record<string, string> | undefined;
}

/** An address must not grow without an end: from further back it is the first page again. */
const mostKept = 40;

/**
 * The store goes on behind a person and never back, so the address has where each page before this
 * one began.
 */
export function pageOf(query: URLSearchParams): PeoplePage {
  const trail = (query.get('after') ?? '')
    .slice(0, 4000)
    .split(' ')
    .flatMap((one) => toCursor(one) ?? []);
  const write = (all: Cursor[]) => {
    const text = all
      .slice(-mostKept)
      .map(({ createdAt, id }) => `${createdAt}_${id}`)
      .join(' ');
    return text === '' ? {} : { after: text };
  };
  return {
    after: trail.at(-1),
    newer: trail.length ? write(trail.slice(0, -1)) : undefined,
    older: (last) => last && write([...trail, last]),
  };
}

function toCursor(text: string): Cursor | undefined {
  const [, at = '', id = ''] = /^(\d{1,15})_(\S{1,100})$/.exec(text) ?? [];
  return id === '' ? undefined : { createdAt: Number(at), id };
}
