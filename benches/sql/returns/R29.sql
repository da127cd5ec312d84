WITH arrest AS (SELECT c, t FROM e WHERE kind = 'person_apprehended'),
looked AS (
  SELECT l.n, l.place, l.refused, l.glass, coalesce(own.t, l.t) AS t
  FROM e l ASOF LEFT JOIN arrest own ON own.c = l.c AND own.t <= l.t
  WHERE l.kind = 'record_accessed'),
coded AS (
  SELECT n, refused, glass, code(place) AS place, strftime(t + INTERVAL 4 HOUR, '%Y-%m') AS month FROM looked WHERE t >= first() AND t < last())
SELECT coalesce(place, '_T') AS place, coalesce(month, '_T') AS month,
  count(DISTINCT n) AS "looked at", count(DISTINCT n) FILTER (refused = 'yes') AS "without a right",
  count(DISTINCT n) FILTER (glass = 'yes') AS "by breaking the glass"
FROM coded GROUP BY CUBE (place, month)
