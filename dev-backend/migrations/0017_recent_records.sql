-- Searches list what changed last first.
CREATE INDEX contact_by_update ON contact (tenant, updated_at, id);
CREATE INDEX company_by_update ON company (tenant, updated_at, id);
CREATE INDEX deal_by_update ON deal (tenant, updated_at, id);
