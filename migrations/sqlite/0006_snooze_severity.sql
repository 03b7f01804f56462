-- +goose Up
-- How urgent the snoozed alert was; 0: unknown. A more urgent one is not born snoozed.
ALTER TABLE snoozes ADD COLUMN severity BIGINT NOT NULL DEFAULT 0;
