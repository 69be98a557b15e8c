-- +goose Up
-- A row a tip in each desk's ledger: a tip that went to another desk stands in the
-- one it left too, with that one's last word.
ALTER TABLE ledger_rows DROP CONSTRAINT ledger_rows_pkey;
ALTER TABLE ledger_rows ADD PRIMARY KEY (desk, tip);
CREATE INDEX ledger_rows_tip ON ledger_rows (tip);

-- +goose Down
DELETE FROM ledger_rows r WHERE EXISTS (SELECT 1 FROM ledger_rows o WHERE o.tip = r.tip AND (o.decided > r.decided OR o.decided = r.decided AND o.desk > r.desk));
DROP INDEX ledger_rows_tip;
ALTER TABLE ledger_rows DROP CONSTRAINT ledger_rows_pkey;
ALTER TABLE ledger_rows ADD PRIMARY KEY (tip);
