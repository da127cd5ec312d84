WITH arrest AS (SELECT * FROM e WHERE kind = 'person_apprehended' AND t >= first() AND t < last()),
released AS (SELECT c, p, t, n, how FROM e WHERE kind = 'person_released'),
by_custody AS (SELECT c, arg_min(how, (t, n)) AS how FROM released GROUP BY c),
by_person AS (SELECT p, arg_min(how, (t, n)) AS how FROM released GROUP BY p),
ended AS (SELECT a.c, a.t, min(r.t) AS until FROM arrest a JOIN released r ON r.c = a.c AND r.t >= a.t GROUP BY ALL),
thing AS (
  SELECT a.c, a.p, code(coalesce(sex_at.sex, birth.first_sex)) AS sex, band(years(birth.born, a.t)) AS age, code(a.place) AS place,
    code(by_custody.how) AS how, code(coalesce(before.how, by_person.how, by_custody.how)) AS how_of_person, ended.until IS NOT NULL AS released,
    -- Whoever dies is no more kept, and was not released.
    CASE WHEN stay.until <= last() THEN epoch_us(stay.until) - epoch_us(a.t) END AS took
  FROM arrest a ASOF LEFT JOIN who sex_at ON sex_at.p = a.p AND sex_at.t <= a.t
    ASOF LEFT JOIN released before ON before.p = a.p AND before.t <= a.t
    LEFT JOIN birth ON birth.p = a.p LEFT JOIN by_custody ON by_custody.c = a.c LEFT JOIN by_person ON by_person.p = a.p
    LEFT JOIN ended ON ended.c = a.c AND ended.t = a.t LEFT JOIN stay ON stay.c = a.c AND stay.p = a.p AND stay.start = a.t),
-- A person is counted under how the person was released, a custody under how the custody was.
coded AS (
  SELECT c, NULL AS p, sex, age, place, how, released, took FROM thing
  UNION ALL SELECT NULL, p, sex, age, place, how_of_person, NULL, NULL FROM thing)
SELECT coalesce(sex, '_T') AS sex, coalesce(age, '_T') AS age, coalesce(place, '_T') AS place, coalesce(how, '_T') AS how,
  count(DISTINCT c) AS "custodies", count(DISTINCT p) AS "persons", count(DISTINCT c) FILTER (released) AS "released",
  round(quantile_disc(took, 0.5) / 6e7, 2) AS "median held", round(quantile_disc(took, 0.9) / 6e7, 2) AS "ninetieth held",
  count(*) FILTER (took > 24 * 3600e6) AS "over 24 hours", count(*) FILTER (took > 48 * 3600e6) AS "over 48 hours",
  count(*) FILTER (took > 72 * 3600e6) AS "over 72 hours"
FROM coded GROUP BY CUBE (sex, age, place, how)
