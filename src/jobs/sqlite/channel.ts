import {
  BaseNotificationChannel,
  type JobNotification,
  type JobStateNotification,
  type NotificationChannelConfig,
} from 'agenda';
import { openSqlite, type Sqlite } from '../../io/sqlite.ts';

export interface SqliteChannelOptions extends NotificationChannelConfig {
  file: string;
  /** How often it asks whether another process wrote: SQLite's own counter, a few microseconds. */
  lookEvery?: number;
}

const schema = `
  CREATE TABLE IF NOT EXISTS notifications (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    body TEXT NOT NULL
  )`;

/** Milliseconds: long enough for a busy process to see it. */
const keptFor = 60_000;

const dates = new Set(['nextRunAt', 'timestamp', 'retryAt', 'lastRunAt', 'lastFinishedAt']);
const revive = (key: string, value: unknown) =>
  dates.has(key) && typeof value === 'string' ? new Date(value) : value;

/**
 * Agenda's notifications between processes that share one file. Subscribers also get what their own
 * process published.
 */
export class SqliteChannel extends BaseNotificationChannel {
  readonly #file: string;
  readonly #lookEvery: number;
  #sqlite: Sqlite | undefined;
  #timer: NodeJS.Timeout | undefined;
  #seen = 0;
  #version = -1;

  constructor({ file, lookEvery = 50, ...config }: SqliteChannelOptions) {
    super(config);
    this.#file = file;
    this.#lookEvery = lookEvery;
  }

  async connect(): Promise<void> {
    if (this._state === 'connected') return;
    this.setState('connecting');
    try {
      this.#sqlite = openSqlite(this.#file, { synchronous: 'NORMAL' });
      this.#sqlite.exec(schema);
      this.#seen =
        this.#sqlite.get<{ seq: number }>('SELECT coalesce(max(seq), 0) AS seq FROM notifications')
          ?.seq ?? 0;
    } catch (error) {
      this.#close();
      this.setState('error');
      throw error;
    }
    this.#timer = setInterval(() => void this.#look(), this.#lookEvery);
    this.#timer.unref();
    this.clearReconnect();
    this.setState('connected');
  }

  async disconnect(): Promise<void> {
    this.clearReconnect();
    this.#close();
    this.handlers.clear();
    this.stateHandlers.clear();
    this.setState('disconnected');
  }

  async publish(notification: JobNotification): Promise<void> {
    await this.#write('job', notification);
  }

  async publishState(notification: JobStateNotification): Promise<void> {
    await this.#write('state', notification);
  }

  #close(): void {
    clearInterval(this.#timer);
    this.#sqlite?.close();
    this.#sqlite = undefined;
  }

  async #write(kind: string, body: JobNotification | JobStateNotification): Promise<void> {
    const sqlite = this.#sqlite;
    if (!sqlite || this._state !== 'connected')
      throw new Error('cannot publish: the channel is not connected');
    const now = Date.now();
    sqlite.transaction(() => {
      sqlite.run(
        'INSERT INTO notifications (channel, kind, at, body) VALUES (?, ?, ?, ?)',
        this.config.channelName,
        kind,
        now,
        JSON.stringify(body),
      );
      sqlite.run(
        `DELETE FROM notifications
         WHERE seq IN (SELECT seq FROM notifications WHERE at < ? LIMIT 10)`,
        now - keptFor,
      );
    });
    await this.#deliver(sqlite);
  }

  /** The counter moves only when another connection has written. */
  async #look(): Promise<void> {
    try {
      const version = this.#sqlite?.get<{ data_version: number }>(
        'PRAGMA data_version',
      )?.data_version;
      if (!this.#sqlite || version === undefined || version === this.#version) return;
      this.#version = version;
      await this.#deliver(this.#sqlite);
    } catch (error) {
      if (this.listenerCount('error') > 0) this.emit('error', error);
    }
  }

  async #deliver(sqlite: Sqlite): Promise<void> {
    const rows = sqlite.all<{ seq: number; kind: string; body: string }>(
      'SELECT seq, kind, body FROM notifications WHERE seq > ? AND channel = ? ORDER BY seq',
      this.#seen,
      this.config.channelName,
    );
    this.#seen = rows.at(-1)?.seq ?? this.#seen;
    for (const { kind, body } of rows) {
      if (kind === 'job') await this.notifyHandlers(JSON.parse(body, revive) as JobNotification);
      else await this.notifyStateHandlers(JSON.parse(body, revive) as JobStateNotification);
    }
  }
}
