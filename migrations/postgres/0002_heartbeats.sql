-- +goose Up
CREATE TABLE heartbeats (
  id              BIGINT PRIMARY KEY,
  name            TEXT   NOT NULL UNIQUE,
  spec            TEXT   NOT NULL,             -- core.Heartbeat as JSON
  origin          TEXT   NOT NULL,             -- file:NAME:LINE, api, chat
  key_hash        BYTEA  NOT NULL UNIQUE,      -- SHA-256 of the integration key
  key_sealed      BYTEA  NOT NULL,             -- AES-GCM under WATCHBELL_SECRET
  created_at      BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL
);
CREATE TABLE vitals (                          -- one row a heartbeat, changed by every beat
  heartbeat_id    BIGINT PRIMARY KEY,
  state           BIGINT NOT NULL,             -- 0 UNKNOWN, 1 HEALTHY, 2 OVERDUE
  since           BIGINT NOT NULL,             -- the next beat is expected after this
  last_beat       BIGINT NOT NULL,
  started_at      BIGINT NOT NULL,             -- a run that has not ended
  paused_until    BIGINT NOT NULL,
  told            BOOLEAN NOT NULL,            -- OVERDUE was told
  raised_in       BIGINT NOT NULL,             -- the source that has its alert; 0: none
  runs            TEXT   NOT NULL,             -- the last core.Runs as JSON
  body            TEXT   NOT NULL              -- of the last beat that had one
);
