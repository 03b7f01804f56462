-- +goose Up
-- Overrides of schedules, and coverage requests.

INSERT INTO ids (seq, last) VALUES ('overrides_id', 0);
INSERT INTO ids (seq, last) VALUES ('covers_id', 0);
INSERT INTO ids (seq, last) VALUES ('tells_id', 0);

CREATE TABLE overrides (
  id              BIGINT PRIMARY KEY,          -- shown as o7; the highest wins
  schedule_id     BIGINT NOT NULL,
  user_id         BIGINT NOT NULL,
  start_at        BIGINT NOT NULL,
  end_at          BIGINT NOT NULL,             -- start_at: it was cancelled before it began
  created_at      BIGINT NOT NULL,
  made_by         BIGINT NOT NULL,
  cover_id        BIGINT NOT NULL,             -- the coverage request it came of; 0: none
  cancelled_at    BIGINT NOT NULL
);
CREATE INDEX overrides_schedule ON overrides (schedule_id, end_at, id);
CREATE INDEX overrides_cover ON overrides (cover_id, id) WHERE cover_id <> 0;
CREATE TABLE covers (                          -- coverage requests, shown as c3
  id              BIGINT PRIMARY KEY,
  sender_id       BIGINT NOT NULL,
  message         TEXT   NOT NULL,
  state           TEXT   NOT NULL,             -- PENDING, ACCEPTED, DECLINED, CANCELLED
  accepted_by     BIGINT NOT NULL,             -- who took the last piece
  created_at      BIGINT NOT NULL,
  changed_at      BIGINT NOT NULL,
  rev             BIGINT NOT NULL
);
CREATE INDEX covers_sender ON covers (sender_id, id);
CREATE TABLE cover_receivers (
  cover_id        BIGINT NOT NULL,
  user_id         BIGINT NOT NULL,
  pos             BIGINT NOT NULL,
  state           TEXT   NOT NULL,
  comment         TEXT   NOT NULL,
  PRIMARY KEY (cover_id, user_id)
);
CREATE INDEX cover_receivers_user ON cover_receivers (user_id, cover_id);
CREATE TABLE cover_pieces (
  cover_id        BIGINT NOT NULL,
  pos             BIGINT NOT NULL,
  schedule_id     BIGINT NOT NULL,
  start_at        BIGINT NOT NULL,
  end_at          BIGINT NOT NULL,
  taken_by        BIGINT NOT NULL,             -- 0: open
  override_id     BIGINT NOT NULL,
  back_by         BIGINT NOT NULL,             -- who gave it back after all was settled
  PRIMARY KEY (cover_id, pos)
);
CREATE TABLE cover_posts (                     -- the card of a request in a direct conversation
  cover_id        BIGINT NOT NULL,
  conversation_id BIGINT NOT NULL,
  ref             TEXT   NOT NULL,
  shown_rev       BIGINT NOT NULL,
  posted_at       BIGINT NOT NULL,
  gone            BOOLEAN NOT NULL,
  PRIMARY KEY (cover_id, conversation_id)
);
