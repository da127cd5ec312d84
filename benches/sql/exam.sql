-- Arrived, and neither examined nor released within the hour.
select a.custody, a.second from entry a where a.kind = 'arrival' and not exists (
    select 1 from entry b where b.custody = a.custody and b.kind in ('exam_start', 'release') and b.second between a.second and a.second + 3600)
