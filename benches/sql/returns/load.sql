-- The log as known at the as-of, and what several tables ask: births, sexes, places, stays.
CREATE MACRO as_of() AS TIMESTAMP '2030-03-01 00:00:00';
-- The year begins at midnight in Baku.
CREATE MACRO first() AS TIMESTAMP '2028-12-31 20:00:00';
CREATE MACRO last() AS TIMESTAMP '2029-12-31 20:00:00';
CREATE TABLE raw AS SELECT row_number() OVER () AS n, * FROM read_csv('{log}', header = true, all_varchar = true);
CREATE TABLE e AS
SELECT n, kind, CAST(replace("at", 'Z', '') AS TIMESTAMP) AS t, "subject.custody" AS c, "subject.person" AS p, "subject.place" AS place,
  "field.sex" AS sex, "field.born" AS born, "field.how" AS how, "field.type" AS type, "field.apparent" AS apparent,
  "field.refused" AS refused, "field.break glass" AS glass
FROM raw WHERE CAST(replace(recorded_at, 'Z', '') AS TIMESTAMP) <= as_of() AND CAST(replace("at", 'Z', '') AS TIMESTAMP) <= as_of();
CREATE TABLE who AS SELECT p, t, n, sex, born FROM e WHERE kind = 'identity_established';
-- The birth date told last; in years of the day, and whether somebody is a child.
CREATE TABLE birth AS SELECT p, CAST(arg_max(born, (t, n)) AS DATE) AS born, arg_min(sex, (t, n)) AS first_sex FROM who GROUP BY p;
CREATE MACRO years(born, t) AS
  year(t + INTERVAL 4 HOUR) - year(born) - CAST((month(t + INTERVAL 4 HOUR), day(t + INTERVAL 4 HOUR)) < (month(born), day(born)) AS INT);
CREATE MACRO band(age) AS CASE WHEN age <= 13 THEN '0-13' WHEN age <= 15 THEN '14-15' WHEN age <= 17 THEN '16-17' WHEN age <= 20 THEN '18-20'
  WHEN age <= 24 THEN '21-24' WHEN age <= 39 THEN '25-39' WHEN age <= 59 THEN '40-59' WHEN age >= 60 THEN '60+' ELSE 'not_recorded' END;
CREATE MACRO code(value) AS coalesce(value, 'not_recorded');
-- Who was held from when to when, with the place where each was at the beginning.
CREATE TABLE stay AS
SELECT a.c, a.p, a.t AS start, min(z.t) AS until
FROM e a LEFT JOIN e z ON z.c = a.c AND z.kind IN ('person_released', 'death_occurred') AND z.t >= a.t
WHERE a.kind = 'person_apprehended' GROUP BY ALL;
CREATE TABLE placed AS SELECT c, t, n, place FROM e WHERE c IS NOT NULL AND place IS NOT NULL;
CREATE TABLE held AS
WITH cut AS (SELECT *, greatest(start, first()) AS t, least(coalesce(until, last()), last()) AS stop FROM stay)
SELECT cut.*, where_at.place, code(coalesce(sex_at.sex, birth.first_sex)) AS sex, birth.born,
  epoch_us(cut.stop) - epoch_us(cut.t) AS held
FROM cut ASOF LEFT JOIN placed where_at ON where_at.c = cut.c AND where_at.t <= cut.t
  ASOF LEFT JOIN who sex_at ON sex_at.p = cut.p AND sex_at.t <= cut.t LEFT JOIN birth ON birth.p = cut.p
WHERE cut.t < cut.stop;
