/** How a mail server is reached. */
export interface MailServer {
  host: string;
  port: number;
  user?: string;
  password?: string;
  /** `required`: nothing is sent, the password least of all, before the connection is secure. */
  tls: 'required' | 'off';
  /** TLS from the first byte. Default: on port 465. */
  isImplicit?: boolean;
  /** Certificates, as PEM, that are trusted instead of the public ones. */
  ca?: string;
}

export interface MailerSettings extends MailServer {
  /** How long one mail may take, in milliseconds, whatever the server does. Default 14 min. */
  limitFor?: number;
  /** How long a connection is kept with nothing to send. Default a minute. */
  idleFor?: number;
  /** How long a caller who has stopped still waits for the answer to a whole mail. Default 3 s. */
  graceFor?: number;
}

export const nameOf = ({ host, port }: MailServer): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;
