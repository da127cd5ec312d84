WITH arrest AS (
  SELECT a.p, a.t, code(coalesce(sex_at.sex, birth.first_sex)) AS sex, birth.born, code(a.place) AS place
  FROM e a ASOF LEFT JOIN who sex_at ON sex_at.p = a.p AND sex_at.t <= a.t LEFT JOIN birth ON birth.p = a.p
  WHERE a.kind = 'person_apprehended' AND a.t >= first() AND a.t < last()),
at_end AS (
  SELECT s.c, s.p, last() - INTERVAL 1 MICROSECOND AS t FROM stay s
  WHERE s.start < last() AND (s.until IS NULL OR s.until >= last())),
ending AS (
  SELECT s.c, s.t, code(coalesce(sex_at.sex, birth.first_sex)) AS sex, birth.born, code(where_at.place) AS place
  FROM at_end s ASOF LEFT JOIN placed where_at ON where_at.c = s.c AND where_at.t <= s.t
    ASOF LEFT JOIN who sex_at ON sex_at.p = s.p AND sex_at.t <= s.t LEFT JOIN birth ON birth.p = s.p),
thing AS (
  SELECT p, NULL AS c, 0 AS held, sex, born, place, t FROM arrest
  UNION ALL SELECT NULL, c, 0, sex, born, place, t FROM ending
  UNION ALL SELECT NULL, NULL, held, sex, born, code(place), t FROM held),
coded AS (
  SELECT p, c, held, sex, place, CASE WHEN years(born, t) > 17 THEN '18+' ELSE band(years(born, t)) END AS age
  FROM thing WHERE t + INTERVAL 4 HOUR < born + INTERVAL 18 YEAR)
SELECT coalesce(sex, '_T') AS sex, coalesce(age, '_T') AS age, coalesce(place, '_T') AS place,
  count(DISTINCT p) AS "children arrested", count(DISTINCT c) AS "held at the end", round(sum(held) / 86400e6, 2) AS "days"
FROM coded GROUP BY CUBE (sex, age, place)
