WITH death AS (SELECT c, p, t, n, place, apparent FROM e WHERE kind = 'death_occurred'),
by_custody AS (SELECT c, arg_min(apparent, (t, n)) AS apparent FROM death GROUP BY c),
of_place AS (SELECT "subject.place" AS place, max("field.type") AS kind FROM raw WHERE kind = 'place_described' GROUP BY 1),
opened AS (SELECT DISTINCT d.c FROM death d JOIN e o ON o.kind = 'case_opened' AND o.c = d.c AND o.t >= d.t),
thing AS (
  SELECT d.c AS dead, opened.c AS opened, 0 AS held, d.place, d.apparent FROM death d LEFT JOIN opened USING (c) WHERE d.t >= first() AND d.t < last()
  UNION ALL
  SELECT NULL, NULL, h.held, h.place, by_custody.apparent
  FROM held h LEFT JOIN by_custody ON by_custody.c = h.c),
coded AS (SELECT dead, opened, held, code(place) AS place, code(of_place.kind) AS kind, code(apparent) AS apparent FROM thing LEFT JOIN of_place USING (place))
SELECT coalesce(place, '_T') AS place, coalesce(kind, '_T') AS kind_of_place, coalesce(apparent, '_T') AS apparent,
  count(DISTINCT dead) AS "deaths", count(DISTINCT opened) AS "inquiry opened",
  round(sum(held) / (epoch_us(last()) - epoch_us(first())), 2) AS "average daily"
FROM coded GROUP BY CUBE (place, kind, apparent)
