-- +goose Up
-- Windows in which no alert is born from their sources.

CREATE TABLE maintenance_windows (
  id              BIGINT PRIMARY KEY,
  name            TEXT   NOT NULL UNIQUE,
  spec            TEXT   NOT NULL,             -- core.Maintenance as JSON
  origin          TEXT   NOT NULL,             -- file:NAME:LINE, api, chat
  created_at      BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL
);
