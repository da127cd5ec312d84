nav-work = İş siyahıları
work-intro = Hər siyahıda açıq olanlar, növbəti tələb və gecikənlər var. Rolunuzun və qeydlə əlaqənizin icazə verdiyini görürsünüz.
work-none = Sizə aid iş siyahısı yoxdur.
work-list = Siyahı
work-in-list = Siyahıda
work-in-list-since = Siyahıya düşüb
work-filter = Siyahını süz
work-everything = Hamısı
work-mine = Mənimkilər
work-last = Son qeyd
work-any = İstənilən
work-view = Görünüş
work-sort = Sırala
work-csv = CSV kimi çıxar
work-empty = Burada heç nə yoxdur. Bundan sonra daxil edilənlər özü görünəcək.
work-choose = Seç
work-choose-one = { $name } nömrəsini seç
work-number = Nömrə
work-name = Ad
work-due = Müddət
work-since = { $time } vaxtından
work-no-date = Hələ tarix yoxdur
work-past = keçib
work-soon = tezliklə
work-for = Kim üçün
work-several = Seçilənlər üçün daxil et
work-next = Növbəti səhifə
several-title = { $n ->
    [one] Bir qeyd üçün
   *[other] { $n } qeyd üçün
 }
several-choose = Onların hamısı ilə nə baş verib?
several-nothing = Bu qeydlərin hamısı üçün daxil edə biləcəyiniz heç nə yoxdur. Daha az seçin.
several-save = { $n ->
    [one] Bir qeyd üçün saxla
   *[other] { $n } qeyd üçün saxla
 }
several-outcome = Nəticə
several-entered = Daxil edildi

# Kənardan şikayət.

nav-complain = Şikayət et
complain-title = Şikayət et
complain-text = Adı ilə və ya adsız hər kəs şikayət edə bilər. Şikayət dərhal prokurora gedir; haqqında olduğu yer onu görmür. Pulsuzdur.
complain-number = Saxlanma nömrəsi
complain-number-hint = Kimsə saxlanılırsa və nömrəni bilirsinizsə. Bilmirsinizsə, boş saxlayın.
complain-send = Şikayəti göndər
complain-received = Şikayətiniz qəbul edildi
complain-keep = Hər ikisini saxlayın. Onlar yalnız indi göstərilir; onlarla nə edildiyini görürsünüz.
complain-next = Şikayət prokurora göndərildi. Bir gün ərzində onunla məşğul olacaq və sizə nəyin təhlükə törətdiyini soruşacaqlar.
complain-too-often = Bir saat ərzində buradan həddən çox şikayət. Gözləyin və ya ombudsmana zəng edin.
follow-title = Şikayətimin taleyi
follow-text = Sizə verilən istinad və PIN-i yazın.
follow-steps = Nə edilib
follow-owed = Sizə hələ nə borcludurlar
follow-names = Adlar və deyilənlər burada göstərilmir: bu səhifəni tapan sizin haqqınızda heç nə öyrənməməlidir.
follow-none-text = İstinad və PIN-ə yenidən baxın. Beş səhvdən sonra bir saat gözləyin. Alınmasa, ombudsmana zəng edin.
