/** What is known by what we gave a mail: its dispatch, or the Message-ID that it went out with. */
export type ReadToken = (token: string) => { dispatch?: string; messageId?: string };

/** A mailbox has 64 signs before its @, and servers may write them small. */
const mark = /^[0-9a-f]{20}$/i;

/** Behind the + of an address, and as a Message-ID. */
export const messageIdOf = (token: string, domain: string): string => `<${token}@${domain}>`;

/**
 * `read`: of the long tokens that stand where there is room. A mark proves itself: no Message-ID
 * of ours is found by one that was made up.
 */
export const tokenReader =
  (read: (token: string) => string | undefined, domain: string): ReadToken =>
  (token) => {
    const dispatch = read(token);
    if (dispatch !== undefined) return { dispatch };
    return mark.test(token) ? { messageId: messageIdOf(token.toLowerCase(), domain) } : {};
  };
