-- A copy that is not what it should be gets a receipt, too: in which state it was found, and what
-- digests it should have. The column digests then has those that it has.

ALTER TABLE receipts ADD COLUMN failure TEXT COLLATE "C";
ALTER TABLE receipts ADD COLUMN expected TEXT COLLATE "C";

ALTER TABLE receipts ADD CONSTRAINT receipts_failure_is_known
    CHECK (failure IN ('damaged', 'missing'));
ALTER TABLE receipts ADD CONSTRAINT receipts_failure_has_expected
    CHECK ((failure IS NULL) = (expected IS NULL));

-- Nothing was found on these occasions, so there is nothing to sign.
DELETE FROM receipts WHERE number IS NULL AND digests = '';
