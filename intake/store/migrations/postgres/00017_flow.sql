-- +goose Up
-- Reports read the state log by its days.
CREATE INDEX history_day ON history (day, tip, n, state);

-- +goose Down
DROP INDEX history_day;
