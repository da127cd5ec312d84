# Kartı kim oxuyub.

readers-title = Bu kartı kim oxuyub
readers-text = Kartın hər açılışı ayrıca qeyddir. Onu şəxs özü və ombudsman görə bilər.
readers-none = Heç kim açmayıb.
readers-what = Nə göstərilib
readers-purpose = Məqsəd
readers-more = Əlavə
readers-glass = Şüşə sındırılıb
readers-exported = Kənara çıxarılıb
purpose-title = Kartları hansı məqsədlə oxuyursunuz
purpose-label = Məqsəd
purpose-tied = Hər karta bağlılığıma görə
