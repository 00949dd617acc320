/** What an account needs to log in, as `init` asks for it. */
export interface Setup {
  /** What the first account is called. */
  account: string;
  /** Where to get the credentials, in two lines. */
  help: [string, string];
  fields: Field[];
  /** May be left empty. */
  optionalFields?: Field[];
  /**
   * The keys that take the server's address and that of the pages (absent: the server tells it),
   * and what the sandbox's own account logs in with.
   */
  sandbox: { server: string; site?: string; login: Record<string, string> };
}

export interface Field {
  /** In the configuration. */
  key: string;
  /** Of the environment, for the first account of its network. */
  variable: string;
  question: string;
  isSecret: boolean;
  /** As people paste it, to how it is written. */
  tidy?(answer: string): string;
  whyNot?(answer: string): string | undefined;
}

const isServer = (text: string) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

export const toServer = (text: string): string =>
  (/^https?:\/\//i.test(text) ? text : `https://${text}`).replace(/\/+$/, '');

export const whyNoServer = (text: string): string | undefined =>
  isServer(toServer(text)) && /^\S+$/.test(text)
    ? undefined
    : 'This is not a web address. It looks like https://mastodon.social';
