-- More than two officers in the room.
select interview, second from (
    select interview, second, kind, sum(case kind when 'officer_join' then 1 else -1 end)
        over (partition by interview order by second rows unbounded preceding) as present
    from entry where kind in ('officer_join', 'officer_leave'))
where kind = 'officer_join' and present > 2
