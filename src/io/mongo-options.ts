/**
 * Options of the MongoDB driver; those of the connection string come first. Timeouts are short, so
 * that a store which cannot be reached is noticed within seconds.
 */
const defaults = {
  retryWrites: true,
  retryReads: true,
  serverSelectionTimeoutMS: 5000,
  connectTimeoutMS: 5000,
  socketTimeoutMS: 20_000,
  maxPoolSize: 20,
};

export type MongoDefaults = Partial<typeof defaults>;

export function mongoDefaults(uri: string): MongoDefaults {
  const given = new Set(
    [...new URLSearchParams(uri.split('?')[1] ?? '').keys()].map((key) => key.toLowerCase()),
  );
  return Object.fromEntries(
    Object.entries(defaults).filter(([key]) => !given.has(key.toLowerCase())),
  );
}

/** The database that the connection string names, or ours: the driver's own default is `test`. */
export function databaseOf(uri: string): string {
  const name = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(uri)?.[1];
  return name ? decodeURIComponent(name) : 'dripline';
}

/** Host and database, for messages. */
export function whereOf(
  { hosts, srvHost }: { hosts: readonly object[]; srvHost?: string },
  database: string,
): string {
  return `MongoDB (${srvHost ?? hosts.map(String).join(', ')}, database ${database})`;
}
