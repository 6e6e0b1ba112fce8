-- The keys of a party taken apart.
['name ' || coalesce(area, '?') || ' ' || core, 'name * ' || core, 'place ' || place,
CASE WHEN length(core) >= 2 THEN 'begins ' || coalesce(area, '?') || ' ' || road || ' ' || substr(core, 1, 2) END,
CASE WHEN length(core) >= 2 THEN 'ends ' || coalesce(area, '?') || ' ' || road || ' ' || right(core, 2) END,
CASE WHEN length(core) >= 3 THEN 'begins ' || coalesce(area, '?') || ' ' || substr(core, 1, 3) END]
