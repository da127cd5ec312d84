-- An injury noted and not referred within a day; release does not excuse.
select a.injury, a.second from entry a where a.kind = 'injury_noted' and not exists (
    select 1 from entry b where b.injury = a.injury and b.kind = 'injury_referred' and b.second between a.second and a.second + 86400)
