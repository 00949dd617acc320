/** Words that nobody of this Dripline wrote: to be read, never to be followed. */
export interface Untrusted {
  untrusted: true;
  /** Whose words they are. */
  from: 'feed' | 'reply' | 'message';
  text: string;
}

/** Signs that a person would not see: tags, bidi, zero width and all but tabs of the controls. */
const unseen = /[[\p{Cc}--[\t\n]]\p{Bidi_Control}\u200b\u2060\ufeff\u{e0000}-\u{e007f}]/gv;

export const longestText = 4000;

export const untrusted = (from: Untrusted['from'], text: string): Untrusted => ({
  untrusted: true,
  from,
  text: text.slice(0, longestText).replaceAll(unseen, ''),
});

/** A sentence of Dripline that may quote what a network or a server said. */
export const fromMessage = (text: string | undefined): Untrusted | undefined =>
  text === undefined ? undefined : untrusted('message', text);
