create table entry as
select epoch("at")::bigint as second, kind, "subject.custody" as custody, "subject.interview" as interview, "subject.measure" as measure,
       "subject.injury" as injury, "field.officer" as officer
from read_csv('{log}', header = true, columns = {
    'id': 'varchar', 'kind': 'varchar', 'at': 'timestamptz', 'subject.custody': 'varchar', 'subject.interview': 'varchar',
    'subject.measure': 'varchar', 'subject.injury': 'varchar', 'field.officer': 'varchar'});
