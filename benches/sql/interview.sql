-- Questioned for more than two hours at a stretch.
select a.interview, a.second from entry a where a.kind in ('interview_start', 'break_end') and not exists (
    select 1 from entry b where b.interview = a.interview and b.kind in ('break_start', 'interview_end') and b.second between a.second and a.second + 7200)
