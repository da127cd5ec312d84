-- More than two officers in the room.
select interview, at from (
    select interview, at, kind, sum(case kind when 'officer_join' then 1 else -1 end)
        over (partition by interview order by at rows unbounded preceding) as present
    from entry where kind in ('officer_join', 'officer_leave'))
where kind = 'officer_join' and present > 2
