/** What the mail that asks says: nothing but what it is for. */
export interface ConfirmationWords {
  subject: string;
  /** Markdown. */
  text: string;
  reason: string;
}

/** What strangers read of us, in their own language where it is known. */
export interface Wording {
  lang: string;
  unsubscribeTitle: string;
  unsubscribeFrom: string;
  unsubscribe: string;
  unsubscribeAll: string;
  stopped: string;
  /** Over a list of what a person gets. */
  choose: string;
  saveChoice: string;
  chosen: string;
  stillGet(titles: string): string;
  formTitle: string;
  mail: string;
  name: string;
  optional: string;
  leaveEmpty: string;
  send: string;
  error: string;
  wrongMail: string;
  wrongName: string;
  changed: string;
  /** What somebody agrees to who sends the form. */
  consent(titles: string): string;
  lookTitle: string;
  look: string;
  busyTitle: string;
  busy: string;
  unreadableTitle: string;
  unreadable: string;
  confirmTitle: string;
  notYet: string;
  confirm: string;
  confirmedTitle: string;
  confirmed(titles: string): string;
  oldTitle: string;
  old: string;
  /** Below each mail: the way out, and why it comes. */
  inMails: { unsubscribe: string; reason(title: string): string };
  confirmation: ConfirmationWords;
}
