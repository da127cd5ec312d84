WITH incident AS (SELECT c, p, t, n, place, type FROM e WHERE kind = 'incident_occurred'),
by_custody AS (SELECT c, arg_min(type, (t, n)) AS type FROM incident GROUP BY c),
thing AS (
  SELECT i.n, i.p, 0 AS held, i.type, coalesce(sex_at.sex, birth.first_sex) AS sex, i.place
  FROM incident i ASOF LEFT JOIN who sex_at ON sex_at.p = i.p AND sex_at.t <= i.t LEFT JOIN birth ON birth.p = i.p
  WHERE i.type IN ('self_harm', 'suicide_attempt') AND i.t >= first() AND i.t < last()
  UNION ALL
  SELECT NULL, NULL, h.held, coalesce(own.type, by_custody.type), h.sex, h.place
  FROM held h ASOF LEFT JOIN incident own ON own.c = h.c AND own.t <= h.t LEFT JOIN by_custody ON by_custody.c = h.c),
coded AS (SELECT n, p, held, code(type) AS type, code(sex) AS sex, code(place) AS place FROM thing)
SELECT coalesce(type, '_T') AS type, coalesce(sex, '_T') AS sex, coalesce(place, '_T') AS place,
  count(DISTINCT n) AS "incidents", count(DISTINCT p) AS "persons", round(sum(held) / (epoch_us(last()) - epoch_us(first())), 2) AS "average daily"
FROM coded GROUP BY CUBE (type, sex, place)
