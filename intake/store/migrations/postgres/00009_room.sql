-- +goose Up
-- An event's row is written three times on its way: with room beside it the new
-- version stands in the same page and needs no new entry in the indexes. A sealed
-- text of a few kilobytes stands in its row, not in four pieces elsewhere.
ALTER TABLE outbox SET (fillfactor = 50);
ALTER TABLE parts SET (toast_tuple_target = 8160);

-- +goose Down
ALTER TABLE parts RESET (toast_tuple_target);
ALTER TABLE outbox RESET (fillfactor);
