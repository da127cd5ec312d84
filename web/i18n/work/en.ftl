nav-work = Work lists
work-intro = Each list holds what is open, what is owed next, and what is overdue. You see what your role and your ties to a record allow.
work-none = No work list is yours.
work-list = List
work-in-list = In the list
work-in-list-since = In the list since
work-filter = Filter the list
work-everything = Everything
work-mine = Mine
work-last = Last entry
work-any = Any
work-view = By
work-sort = Sort by
work-csv = Export as CSV
work-empty = Nothing here. What is entered from now on appears by itself.
work-choose = Choose
work-choose-one = Choose { $name }
work-number = Number
work-name = Name
work-due = Due
work-since = since { $time }
work-no-date = No date yet
work-past = past
work-soon = soon
work-for = For
work-several = Enter for those chosen
work-next = Next page
several-title = { $n ->
    [one] For one record
   *[other] For { $n } records
 }
several-choose = What happened to all of them?
several-nothing = There is nothing that you may enter for all of these records. Choose fewer.
several-save = { $n ->
    [one] Save for one record
   *[other] Save for { $n } records
 }
several-outcome = What became of it
several-entered = Entered

# A complaint from outside.

nav-complain = Complain
complain-title = Complain
complain-text = Anybody may complain, with a name or without. It goes to the procurator at once; the place that it is about does not see it. It costs nothing.
complain-number = Number of the custody
complain-number-hint = If somebody is held and you know the number. Leave it empty if you do not.
complain-send = Send the complaint
complain-received = Your complaint has arrived
complain-keep = Keep both. They are shown only now; with them you see what is done.
complain-next = It has been sent to the procurator. Within a day somebody takes it up and asks what you have to fear.
complain-too-often = Too many complaints from here within an hour. Wait, or call the ombudsman.
follow-title = What became of my complaint
follow-text = Type the reference and the PIN that you were given.
follow-steps = What was done
follow-owed = What is still owed to you
follow-names = Names and what was said are not shown here: whoever finds this page should learn nothing of you.
follow-none-text = Look at the reference and the PIN again. After five wrong tries wait an hour. If it stays so, call the ombudsman.
