/** How a mail is known again in what each provider tells. */
const headers: Record<string, (token: string) => [name: string, value: string]> = {
  ses: (token) => ['X-SES-MESSAGE-TAGS', `dripline=${token}`],
  postmark: (token) => ['X-PM-Metadata-dripline', token],
  mailgun: (token) => ['X-Mailgun-Variables', JSON.stringify({ dripline: token })],
  sendgrid: (token) => ['X-SMTPAPI', JSON.stringify({ unique_args: { dripline: token } })],
  brevo: (token) => ['X-Mailin-custom', token],
};

/** Of those that are configured: to others it would say nothing. */
export const tagHeaders = (names: readonly string[], token: string): Record<string, string> =>
  Object.fromEntries(names.flatMap((name) => [headers[name]?.(token) ?? []]).filter(isPair));

const isPair = (one: [string, string] | never[]): one is [string, string] => one.length === 2;
