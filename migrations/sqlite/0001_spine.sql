-- +goose Up
-- Times are BIGINT microseconds since 1970, UTC; 0 is "none". Numbers of status: 1 PENDING,
-- 2 ACCEPTED, 3 RESOLVED. Hot tables carry no foreign keys; doctor checks them instead.

CREATE TABLE ids (                             -- the next number of each sequence
  seq             TEXT   PRIMARY KEY,
  last            BIGINT NOT NULL
);
INSERT INTO ids (seq, last) VALUES ('alerts_id', 0);
INSERT INTO ids (seq, last) VALUES ('events_id', 0);
INSERT INTO ids (seq, last) VALUES ('posts_id', 0);
INSERT INTO ids (seq, last) VALUES ('objects_id', 0);
INSERT INTO ids (seq, last) VALUES ('blind_id', 0);
INSERT INTO ids (seq, last) VALUES ('audit_id', 0);
INSERT INTO ids (seq, last) VALUES ('keys_id', 0);
INSERT INTO ids (seq, last) VALUES ('jobs_id', 0);
CREATE TABLE settings (
  id              BIGINT PRIMARY KEY CHECK (id = 1),
  version         BIGINT NOT NULL,             -- raised by every change of configuration
  installation    TEXT   NOT NULL,             -- random, made once; names this installation
  secret_check    BYTEA  NOT NULL,             -- tells whether WATCHBELL_SECRET is the right one
  created_at      BIGINT NOT NULL
);
CREATE TABLE applied (                         -- configuration files that were applied, by content
  hash            TEXT   PRIMARY KEY,
  at              BIGINT NOT NULL
);

CREATE TABLE users (
  id              BIGINT PRIMARY KEY,
  name            TEXT   NOT NULL UNIQUE,
  spec            TEXT   NOT NULL,             -- the object as JSON
  origin          TEXT   NOT NULL,             -- file:NAME:LINE, api, chat
  created_at      BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL
);
CREATE TABLE teams (
  id              BIGINT PRIMARY KEY,
  name            TEXT   NOT NULL UNIQUE,
  spec            TEXT   NOT NULL,             -- the object as JSON
  origin          TEXT   NOT NULL,             -- file:NAME:LINE, api, chat
  created_at      BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL
);
CREATE TABLE support_hours (
  id              BIGINT PRIMARY KEY,
  name            TEXT   NOT NULL UNIQUE,
  spec            TEXT   NOT NULL,             -- the object as JSON
  origin          TEXT   NOT NULL,             -- file:NAME:LINE, api, chat
  created_at      BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL
);
CREATE TABLE schedules (
  id              BIGINT PRIMARY KEY,
  name            TEXT   NOT NULL UNIQUE,
  spec            TEXT   NOT NULL,             -- the object as JSON
  origin          TEXT   NOT NULL,             -- file:NAME:LINE, api, chat
  created_at      BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL
);
CREATE TABLE policies (
  id              BIGINT PRIMARY KEY,
  name            TEXT   NOT NULL UNIQUE,
  spec            TEXT   NOT NULL,             -- the object as JSON
  origin          TEXT   NOT NULL,             -- file:NAME:LINE, api, chat
  created_at      BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL
);
CREATE TABLE sources (
  id              BIGINT PRIMARY KEY,
  name            TEXT   NOT NULL UNIQUE,
  spec            TEXT   NOT NULL,
  origin          TEXT   NOT NULL,
  key_hash        BYTEA  NOT NULL UNIQUE,      -- SHA-256 of the integration key
  key_sealed      BYTEA  NOT NULL,             -- AES-GCM under WATCHBELL_SECRET
  created_at      BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL
);
CREATE TABLE identities (
  platform        TEXT   NOT NULL,
  account         TEXT   NOT NULL,
  user_id         BIGINT NOT NULL,
  origin          TEXT   NOT NULL,             -- file:…, code, email
  created_at      BIGINT NOT NULL,
  PRIMARY KEY (platform, account)
);
CREATE INDEX identities_user ON identities (user_id, platform);
CREATE TABLE conversations (
  id              BIGINT PRIMARY KEY,
  platform        TEXT   NOT NULL,
  ref             TEXT   NOT NULL,             -- "@account" for a direct conversation not opened yet
  name            TEXT   NOT NULL,
  user_id         BIGINT NOT NULL,             -- 0: a channel
  storm_until     BIGINT NOT NULL,
  UNIQUE (platform, ref)
);
CREATE INDEX conversations_user ON conversations (user_id, platform);

CREATE TABLE alerts (
  id              BIGINT PRIMARY KEY,
  source_id       BIGINT NOT NULL,
  policy_id       BIGINT NOT NULL,
  alert_key       TEXT   NOT NULL,
  key_hash        BYTEA,                       -- as open_key, kept when resolved
  open_key        BYTEA  UNIQUE,               -- NULL once resolved, and for alerts without key
  summary         TEXT   NOT NULL,
  summary_hash    BYTEA  NOT NULL,             -- for grouping by summary
  details         TEXT   NOT NULL,
  status          BIGINT NOT NULL,
  priority        BIGINT NOT NULL,
  severity        BIGINT NOT NULL,
  level           BIGINT NOT NULL,
  cycle           BIGINT NOT NULL,
  timers          TEXT   NOT NULL,             -- core.Timers
  next_at         BIGINT NOT NULL,
  epoch           BIGINT NOT NULL,
  rev             BIGINT NOT NULL,
  seq             BIGINT NOT NULL,
  events          BIGINT NOT NULL,
  first_event     BIGINT NOT NULL,
  merged_into     BIGINT NOT NULL,
  created_at      BIGINT NOT NULL,
  event_at        BIGINT NOT NULL,
  resolved_at     BIGINT NOT NULL
);
CREATE INDEX alerts_key ON alerts (key_hash, id);
CREATE INDEX alerts_open_source ON alerts (source_id, id) WHERE status < 3;
CREATE INDEX alerts_source ON alerts (source_id, id);
CREATE INDEX alerts_summary ON alerts (source_id, summary_hash, id) WHERE status < 3;
CREATE INDEX alerts_status ON alerts (status, id);
CREATE INDEX alerts_merged ON alerts (merged_into, id) WHERE merged_into <> 0;

CREATE TABLE responders (
  alert_id        BIGINT NOT NULL,
  user_id         BIGINT NOT NULL,
  pos             BIGINT NOT NULL,             -- order in which they were asked
  level           BIGINT NOT NULL,
  accepted_at     BIGINT NOT NULL,
  calls           BIGINT NOT NULL,
  step            BIGINT NOT NULL,
  asked_at        BIGINT NOT NULL,
  next_call       BIGINT NOT NULL,
  failed          BIGINT NOT NULL,
  PRIMARY KEY (alert_id, user_id)
);
CREATE INDEX responders_user ON responders (user_id, alert_id);

CREATE TABLE events (
  id              BIGINT PRIMARY KEY,
  correlation     TEXT   NOT NULL,             -- random, the reply's correlation-id
  source_id       BIGINT NOT NULL,
  alert_id        BIGINT NOT NULL,             -- 0: none
  received_at     BIGINT NOT NULL,
  type            BIGINT NOT NULL,
  outcome         BIGINT NOT NULL,
  reason          TEXT   NOT NULL,
  body            BYTEA  NOT NULL              -- core.Event as JSON; the raw bytes if it was unreadable
);
CREATE INDEX events_source ON events (source_id, id);
CREATE INDEX events_alert ON events (alert_id, id);

CREATE TABLE alert_log (
  alert_id        BIGINT NOT NULL,
  seq             BIGINT NOT NULL,
  at              BIGINT NOT NULL,
  type            TEXT   NOT NULL,
  user_id         BIGINT NOT NULL,
  vars            TEXT   NOT NULL,             -- JSON object of strings; '' if empty
  thread          BOOLEAN NOT NULL,
  broadcast       BOOLEAN NOT NULL,
  PRIMARY KEY (alert_id, seq)
);
CREATE TABLE snoozes (
  open_key        BYTEA  PRIMARY KEY,
  until           BIGINT NOT NULL,
  user_id         BIGINT NOT NULL
);

CREATE TABLE jobs (
  id              BIGINT PRIMARY KEY,          -- drawn, never a rowid: SQLite would give a deleted job's number to the next
  lane            TEXT   NOT NULL,             -- step, page, sync, house
  kind            TEXT   NOT NULL,
  subject         BIGINT NOT NULL,             -- a send's conversation, a step's alert
  arg             BIGINT NOT NULL,
  run_at          BIGINT NOT NULL,
  rev             BIGINT NOT NULL,             -- raised when it is asked for again
  tries           BIGINT NOT NULL,
  data            TEXT   NOT NULL,
  UNIQUE (kind, subject, arg)
);
CREATE INDEX jobs_due ON jobs (lane, run_at, id);
CREATE INDEX jobs_queue ON jobs (lane, subject, run_at, id) WHERE lane <> 'step'; -- steps have no queues
CREATE TABLE queues (
  lane            TEXT   NOT NULL,
  subject         BIGINT NOT NULL,
  lease_until     BIGINT NOT NULL,
  attempt         BIGINT NOT NULL,             -- the fencing token
  not_before      BIGINT NOT NULL,
  PRIMARY KEY (lane, subject)
);
CREATE TABLE posts (
  id              BIGINT PRIMARY KEY,
  conversation_id BIGINT NOT NULL,
  alert_id        BIGINT NOT NULL,
  call            BIGINT NOT NULL,             -- 0: the card; else the page's number
  ref             TEXT   NOT NULL,
  shown_rev       BIGINT NOT NULL,
  shown_seq       BIGINT NOT NULL,
  posted_at       BIGINT NOT NULL,
  gone            BOOLEAN NOT NULL,
  UNIQUE (alert_id, conversation_id, call)
);
CREATE INDEX posts_conversation ON posts (conversation_id, posted_at);

CREATE TABLE pulse (
  id              BIGINT PRIMARY KEY,          -- one row a replica
  seen_at         BIGINT NOT NULL
);
CREATE TABLE blind (
  id              BIGINT PRIMARY KEY,
  from_at         BIGINT NOT NULL,
  until_at        BIGINT NOT NULL
);
CREATE INDEX blind_until ON blind (until_at);
CREATE TABLE audit (
  id              BIGINT PRIMARY KEY,
  at              BIGINT NOT NULL,
  actor           TEXT   NOT NULL,             -- user:12, key:3, slack:U01, cli
  action          TEXT   NOT NULL,
  object          TEXT   NOT NULL,
  detail          TEXT   NOT NULL,
  once            TEXT   UNIQUE                -- the interaction's id; NULL if it has none
);
CREATE INDEX audit_object ON audit (object, id);

CREATE TABLE api_keys (
  id              BIGINT PRIMARY KEY,
  hash            BYTEA  NOT NULL UNIQUE,
  user_id         BIGINT NOT NULL,
  name            TEXT   NOT NULL,
  role            BIGINT NOT NULL,             -- 0: the user's
  created_at      BIGINT NOT NULL,
  expires_at      BIGINT NOT NULL,
  revoked_at      BIGINT NOT NULL,
  used_at         BIGINT NOT NULL
);
CREATE TABLE tokens (                          -- one-time: sign-in links, link codes, page answers
  hash            BYTEA  PRIMARY KEY,
  kind            TEXT   NOT NULL,
  user_id         BIGINT NOT NULL,
  data            TEXT   NOT NULL,
  expires_at      BIGINT NOT NULL,
  used_at         BIGINT NOT NULL
);
CREATE INDEX tokens_expiry ON tokens (expires_at);
CREATE TABLE sessions (
  hash            BYTEA  PRIMARY KEY,
  user_id         BIGINT NOT NULL,
  created_at      BIGINT NOT NULL,
  seen_at         BIGINT NOT NULL
);
CREATE INDEX sessions_seen ON sessions (seen_at);
CREATE TABLE parked (                          -- a press by somebody unknown, done once they are linked
  platform        TEXT   NOT NULL,
  account         TEXT   NOT NULL,
  interaction     TEXT   NOT NULL,
  expires_at      BIGINT NOT NULL,
  PRIMARY KEY (platform, account)
);

CREATE TABLE chat_head (                       -- the web chat's stream position, drawn under its row lock
  id              BIGINT PRIMARY KEY CHECK (id = 1),
  seq             BIGINT NOT NULL
);
CREATE TABLE chat_posts (
  id              BIGINT PRIMARY KEY,          -- the seq at which it was made
  seq             BIGINT NOT NULL UNIQUE,      -- the seq of its last change
  conversation_id BIGINT NOT NULL,
  to_user         BIGINT NOT NULL,             -- 0: everybody; else only that person (ephemeral)
  author          BIGINT NOT NULL,             -- 0: the bot
  post_key        TEXT   UNIQUE,               -- idempotency; NULL for people's texts
  text            TEXT   NOT NULL,
  card            TEXT   NOT NULL,             -- '' or the card as JSON
  rev             BIGINT NOT NULL,
  created_at      BIGINT NOT NULL,
  edited_at       BIGINT NOT NULL,
  deleted         BOOLEAN NOT NULL
);
CREATE INDEX chat_posts_conversation ON chat_posts (conversation_id, id);
CREATE TABLE chat_reads (
  user_id         BIGINT NOT NULL,
  conversation_id BIGINT NOT NULL,
  post_id         BIGINT NOT NULL,
  PRIMARY KEY (user_id, conversation_id)
);
INSERT INTO chat_head (id, seq) VALUES (1, 0);
