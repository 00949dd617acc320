/** Counts are kept by the database itself: whoever writes, they are right. */
const countsOf = (table: string, keys: readonly string[]) => {
  const list = keys.join(', ');
  const values = (row: 'OLD' | 'NEW') => keys.map((key) => `${row}.${key}`).join(', ');
  const same = (row: 'OLD' | 'NEW') => keys.map((key) => `${key} = ${row}.${key}`).join(' AND ');
  const counts = `${table.replace(/e?s$/, '')}_counts`;
  const add = `INSERT OR IGNORE INTO ${counts} (${list}, count) VALUES (${values('NEW')}, 0);
    UPDATE ${counts} SET count = count + 1 WHERE ${same('NEW')};`;
  const take = `UPDATE ${counts} SET count = count - 1 WHERE ${same('OLD')};`;
  return `
  CREATE TRIGGER ${counts}_added AFTER INSERT ON ${table} BEGIN ${add} END;
  CREATE TRIGGER ${counts}_changed AFTER UPDATE OF state ON ${table}
    WHEN OLD.state <> NEW.state BEGIN ${take} ${add} END;
  CREATE TRIGGER ${counts}_removed AFTER DELETE ON ${table} BEGIN ${take} END;
  `;
};

export const couponSchema = `
  CREATE TABLE coupons (
    file TEXT NOT NULL, key TEXT NOT NULL, code TEXT NOT NULL, person TEXT, at INTEGER NOT NULL,
    PRIMARY KEY (file, key)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX coupons_owner ON coupons (person, file) WHERE person IS NOT NULL;
`;

export const peopleSchema = `
  CREATE TABLE people (
    id TEXT PRIMARY KEY, status TEXT NOT NULL, created_at INTEGER NOT NULL,
    alive_at INTEGER NOT NULL, revision INTEGER NOT NULL, doc TEXT NOT NULL
  ) STRICT;
  CREATE INDEX people_created ON people (created_at DESC, id DESC);
  CREATE INDEX people_status ON people (status, created_at DESC, id DESC);
  CREATE INDEX people_alive ON people (alive_at, id);

  CREATE TABLE people_addresses (
    key TEXT PRIMARY KEY, person TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX people_addresses_person ON people_addresses (person);

  CREATE TABLE people_terms (
    term TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (term, person)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX people_terms_person ON people_terms (person, term);

  -- Who is or was in a sequence: the newest people first, without a look at all of its members.
  CREATE TABLE people_sequences (
    person TEXT NOT NULL, sequence TEXT NOT NULL, status TEXT NOT NULL, created_at INTEGER NOT NULL,
    PRIMARY KEY (person, sequence)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX people_sequences_created
    ON people_sequences (sequence, created_at DESC, person DESC);
  CREATE INDEX people_sequences_status
    ON people_sequences (sequence, status, created_at DESC, person DESC);
  CREATE TRIGGER people_sequences_status_changed AFTER UPDATE OF status ON people
    WHEN OLD.status <> NEW.status
    BEGIN UPDATE people_sequences SET status = NEW.status WHERE person = NEW.id; END;

  CREATE TABLE consents (
    id TEXT PRIMARY KEY, person TEXT NOT NULL, at INTEGER NOT NULL, doc TEXT NOT NULL
  ) STRICT;
  CREATE INDEX consents_person ON consents (person, at, id);

  CREATE TABLE suppressions (
    hash TEXT NOT NULL, purpose TEXT NOT NULL, at INTEGER NOT NULL, because TEXT NOT NULL,
    PRIMARY KEY (hash, purpose)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE acts (
    id TEXT PRIMARY KEY, person TEXT NOT NULL, at INTEGER NOT NULL, doc TEXT NOT NULL
  ) STRICT;
  CREATE INDEX acts_person ON acts (person, at DESC, id);

  CREATE TABLE enrolments (
    id TEXT PRIMARY KEY, person TEXT NOT NULL, sequence TEXT NOT NULL, state TEXT NOT NULL,
    is_holdout INTEGER NOT NULL, next_at INTEGER, live_key TEXT, revision INTEGER NOT NULL,
    doc TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX enrolments_live ON enrolments (live_key) WHERE live_key IS NOT NULL;
  CREATE INDEX enrolments_person ON enrolments (person, id);
  CREATE INDEX enrolments_next ON enrolments (next_at, id) WHERE next_at IS NOT NULL;
  CREATE INDEX enrolments_sequence_next
    ON enrolments (sequence, next_at, id) WHERE next_at IS NOT NULL;
  CREATE INDEX enrolments_sequence ON enrolments (sequence, id);
  CREATE INDEX enrolments_sequence_state ON enrolments (sequence, state, id);
  CREATE INDEX enrolments_state ON enrolments (state, id);
  CREATE TABLE enrolment_counts (
    sequence TEXT NOT NULL, state TEXT NOT NULL, is_holdout INTEGER NOT NULL,
    count INTEGER NOT NULL, PRIMARY KEY (sequence, state, is_holdout)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER people_sequences_entered AFTER INSERT ON enrolments BEGIN
    INSERT OR IGNORE INTO people_sequences (person, sequence, status, created_at)
      SELECT id, NEW.sequence, status, created_at FROM people WHERE id = NEW.person;
  END;
  ${countsOf('enrolments', ['sequence', 'state', 'is_holdout'])}

  CREATE TABLE dispatches (
    id TEXT PRIMARY KEY, person TEXT NOT NULL, sequence TEXT NOT NULL, step TEXT NOT NULL,
    enrolment TEXT NOT NULL, state TEXT NOT NULL, medium TEXT NOT NULL, at INTEGER NOT NULL,
    sent_at INTEGER, claim_ends_at INTEGER, message_id TEXT, server_id TEXT,
    revision INTEGER NOT NULL, doc TEXT NOT NULL
  ) STRICT;
  CREATE INDEX dispatches_person ON dispatches (person, id);
  CREATE INDEX dispatches_enrolment ON dispatches (enrolment, id);
  CREATE INDEX dispatches_due ON dispatches (medium, state, at, id);
  CREATE INDEX dispatches_state ON dispatches (state, at, id);
  CREATE INDEX dispatches_state_id ON dispatches (state, id);
  CREATE INDEX dispatches_sequence ON dispatches (sequence, state, at, id);
  CREATE INDEX dispatches_sent ON dispatches (sent_at DESC, id) WHERE sent_at IS NOT NULL;
  CREATE INDEX dispatches_medium_sent
    ON dispatches (medium, sent_at DESC, id) WHERE sent_at IS NOT NULL;
  CREATE INDEX dispatches_sequence_sent
    ON dispatches (sequence, sent_at DESC, id) WHERE sent_at IS NOT NULL;
  CREATE INDEX dispatches_person_sent
    ON dispatches (person, sent_at DESC, id) WHERE sent_at IS NOT NULL;
  CREATE INDEX dispatches_claim
    ON dispatches (claim_ends_at, id) WHERE claim_ends_at IS NOT NULL;
  CREATE INDEX dispatches_message ON dispatches (message_id) WHERE message_id IS NOT NULL;
  CREATE INDEX dispatches_server ON dispatches (server_id) WHERE server_id IS NOT NULL;
  CREATE TABLE dispatch_counts (
    sequence TEXT NOT NULL, step TEXT NOT NULL, state TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (sequence, step, state)
  ) STRICT, WITHOUT ROWID;
  ${countsOf('dispatches', ['sequence', 'step', 'state'])}

  CREATE TABLE bodies (
    hash TEXT NOT NULL, person TEXT NOT NULL, bytes BLOB NOT NULL, UNIQUE (hash, person)
  ) STRICT;
  CREATE INDEX bodies_person ON bodies (person);
`;
