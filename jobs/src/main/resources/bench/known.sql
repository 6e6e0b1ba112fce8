-- What scoring needs of a table, as known on the day: one version a record, received, not withdrawn or repaired, and happened by then.
CREATE TEMP TABLE known_${table} AS
SELECT ${facts} FROM ${from}
WHERE known_from <= DATE '${known_at}' AND (known_to IS NULL OR known_to > DATE '${known_at}') AND NOT withdrawn ${happened};

DROP TABLE ${table};
