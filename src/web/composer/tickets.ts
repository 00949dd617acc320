import type { PostText, Saved } from '../../ports/post-files.ts';

/**
 * What has become of the pages on which posts are written. A page that does not know of its file
 * yet may send twice: by a double click, or by a button while it saves itself.
 */
export interface Tickets {
  /** What one page sends is done one after the other. */
  inTurn<T>(ticket: string | undefined, run: () => Promise<T>): Promise<T>;
  /** The file that this page has begun. */
  find(ticket: string | undefined, text: string): PostText | undefined;
  /** `isOver`: the page was left with it, so that other text is another post. */
  note(ticket: string | undefined, saved: Saved, isOver: boolean): void;
}

interface Begun {
  file: PostText;
  isOver: boolean;
}

const mostKept = 1000;

export function openTickets(): Tickets {
  const begun = new Map<string, Begun>();
  const last = new Map<string, Promise<unknown>>();
  return {
    async inTurn(ticket, run) {
      if (!ticket) return run();
      const mine = (last.get(ticket) ?? Promise.resolve()).then(run, run);
      last.set(ticket, mine);
      try {
        return await mine;
      } finally {
        if (last.get(ticket) === mine) last.delete(ticket);
      }
    },
    find(ticket, text) {
      const found = ticket ? begun.get(ticket) : undefined;
      return found && (!found.isOver || found.file.text === text) ? found.file : undefined;
    },
    note(ticket, saved, isOver) {
      if (!ticket || saved.kind === 'conflict') return;
      begun.delete(ticket);
      begun.set(ticket, { file: saved.file, isOver });
      if (begun.size > mostKept) begun.delete(begun.keys().next().value ?? '');
    },
  };
}
