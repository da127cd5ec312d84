-- Restrained for more than an hour.
select a.measure, a.at from entry a where a.kind = 'restraint_on' and not exists (
    select 1 from entry b where b.measure = a.measure and b.kind = 'restraint_off' and b.at between a.at and a.at + 3600)
