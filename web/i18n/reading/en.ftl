# Who read a record.

readers-title = Who read this record
readers-text = Each time a record is opened, that is an entry. The person and the ombudsman can see it.
readers-none = Nobody has opened it.
readers-what = What was shown
readers-purpose = For
readers-more = Also
readers-glass = Glass broken
readers-exported = Taken out
purpose-title = What you read records for
purpose-label = Purpose
purpose-tied = As I am tied to each record
