-- +goose Up
-- PostgreSQL's rows get room; there is nothing to do here.
SELECT 1;

-- +goose Down
SELECT 1;
