-- Restrained for more than an hour.
select a.measure, a.second from entry a where a.kind = 'restraint_on' and not exists (
    select 1 from entry b where b.measure = a.measure and b.kind = 'restraint_off' and b.second between a.second and a.second + 3600)
