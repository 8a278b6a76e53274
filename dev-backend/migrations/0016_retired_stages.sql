-- A stage that a pipeline no longer has stays for the histories of the deals that passed through it.
ALTER TABLE stage ADD COLUMN retired INTEGER NOT NULL DEFAULT 0;
