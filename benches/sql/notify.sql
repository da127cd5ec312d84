-- Arrested, and nobody told within six hours, nor released.
select a.custody, a.second from entry a where a.kind = 'arrest' and not exists (
    select 1 from entry b where b.custody = a.custody and b.kind in ('notify', 'release') and b.second between a.second and a.second + 21600)
