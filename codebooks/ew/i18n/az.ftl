# Azərbaycan dilində sözlər: what each message names is in crates/codebook/src/i18n.rs.

## Events and their aliases

event-interview-without-solicitor-authorised = vəkilsiz dindirməyə icazə
event-solicitor-excluded = vəkilin dindirmədən çıxarılması
event-urgent-interview-authorised = təxirəsalınmaz dindirməyə icazə
event-woman-put-in-charge = qadın əməkdaşın təyin edilməsi
event-detained-after-charge = ittihamdan sonra saxlanma
event-moved-to-local-authority = yerli qəyyumluq orqanına köçürmə
event-move-found-impracticable = köçürmənin mümkün olmaması
event-watch-begun = növbədə müşahidənin başlanması
event-watch-ended = növbədə müşahidənin bitməsi
event-rest-begun = istirahətin başlanması
event-rest-ended = istirahətin bitməsi
event-further-interview-permitted = təkrar dindirməyə icazə
event-review-told = baxılmanın bildirilməsi
event-rights-put-off = hüquqların izahının təxirə salınması
event-rights-understood = hüquqların başa düşülməsi
event-notice-delayed = xəbərvermənin təxirə salınması
event-shown-to-the-solicitor = kartın vəkilə göstərilməsi
event-shown-to-the-adult = kartın müşayiət edən yetkin şəxsə göstərilməsi
event-appropriate-adult-came = müşayiət edən yetkin şəxsin gəlməsi
event-copy-asked-for = kartın surətinin istənilməsi
event-advice-delayed = vəkil yardımının təxirə salınması
event-found-vulnerable = həssaslığın aşkarlanması
event-appropriate-adult-called = müşayiət edən yetkin şəxsin çağırılması
event-interpreter-needed = tərcüməçiyə ehtiyac
event-interpreter-asked-to-come = tərcüməçinin çağırılması
event-visited = kameraya baş çəkmə
event-roused = oyadıb cavab alma
event-found-without-response = cavab verməyən halda tapılma
event-ambulance-called = təcili yardımın çağırılması
event-clinician-asked-for-at-once = tibb işçisinin təcili çağırılması
event-clinician-asked-for = tibb işçisinin çağırılması
event-high-risk-found = yüksək riskin aşkarlanması
event-found-fit-to-be-held = saxlanmaya yararlı hesab edilmə
event-meal-offered = yeməyin təklif edilməsi
event-pause-for-a-meal = yemək fasiləsi
event-fitness-in-doubt = yararlılığa şübhə
event-found-fit-to-be-interviewed = dindirməyə yararlı hesab edilmə
event-review-before-charge = ittihamdan əvvəl baxılma
event-extended = saxlanma müddətinin uzadılması
event-extended-by-a-superintendent = superintendentin uzatması
event-extended-by-a-court = məhkəmənin uzatması
event-strip-search = soyundurmaqla axtarış
event-intimate-search = bədən boşluqlarının axtarışı
event-search-of-the-body = bədən axtarışı

## Fields

field-needs-interpreter = tərcüməçi lazımdır
field-indictable = cinayət ittiham aktı ilə təqib olunur
field-consulate-by-treaty = konsulluğa müqavilə üzrə xəbər
field-detainee-told = saxlanılana deyilib
field-reminded-of-advice = vəkil hüququ xatırladılıb
field-superintendent-away = superintendent yerində deyil
field-needs-appropriate-adult = müşayiət edən yetkin şəxs lazımdır
field-other-secure-place = başqa etibarlı yer varmı
field-accommodation = yerləşdirildiyi yer
field-certified = təsdiq olunub
field-in-locked-cell = bağlı kamerada
field-where = harada
field-clothing-adequate = geyim kifayətdir
field-before-interview = dindirmədən əvvəl
field-involved-in-the-inquiry = işin araşdırılmasında iştirak edir
field-representations-invited = fikir bildirmək təklif olunub
field-remote-because = məsafədən baxılmanın səbəbi
field-persons-present = iştirak edənlərin sayı
field-urgent-risk = təxirəsalınmaz təhlükə
field-adult-present = yetkin şəxs iştirak edir
field-adult-declined = yetkin şəxsdən imtina olunub
field-by-clinician = tibb işçisi aparıb
field-clothes-by-turns = geyim növbə ilə çıxarılıb

## Values

value-inspector = inspektor
value-superintendent = superintendent
value-harm = zərər təhlükəsi
value-unreasonable-delay = əsassız ləngimə
value-nobody-free = boş vəkil yoxdur
value-mind-changed = fikrini dəyişib
value-door = qapının yanında
value-within-reach = əl çatan məsafədə
value-slept-out = yatıb istirahət edib
value-danger = təhlükə
value-release-delayed = azad etmə gecikir
value-ambiguity = qeyri-müəyyənlik
value-new-information = yeni məlumat
value-magistrates = maqistrat məhkəməsi

## States

state-in-a-cell = kameradadır
state-observed-at-intervals = aralıqlarla müşahidə olunur
state-observed-constantly = daimi müşahidə olunur
state-observed-within-reach = yaxın məsafədən müşahidə olunur
state-to-be-roused = oyadılmalıdır
state-kept-from-rest = istirahət verilmir
state-at-rest = istirahətdədir
state-charged = ittiham elan olunub
state-authorised-and-uncharged = saxlanma icazəlidir, ittiham yoxdur
state-on-the-detention-clock = saxlanma müddəti gedir
state-in-hospital = xəstəxanadadır

## Items

item-helpers = dəstək verənlər
item-watchers = nəzarət edənlər
item-watchers-at-hand = yaxında nəzarət edənlər

## Limits

limit-decision-on-arrival = gətirilmədən sonra qərar müddəti
limit-rights-on-arrival = gətirilmədən sonra hüquqların izahı müddəti
limit-rights-after-a-deferral = təxirə salmadan sonra hüquqların izahı müddəti
limit-first-risk-assessment = riskin ilk qiymətləndirilməsi müddəti
limit-record-shown = kartla tanışlıq müddəti
limit-copy-handed-over = kartın surətinin verilməsi müddəti
limit-somebody-told = kənar şəxsə xəbərvermə müddəti
limit-longest-silence = xəbərvermənin ən uzun gecikdirilməsi
limit-call-allowed = zəngə icazə müddəti
limit-consular-word = konsulluğa məlumat müddəti
limit-entry-of-an-event = hadisənin qeydi müddəti
limit-offer-of-advice = vəkil təklifi müddəti
limit-call-to-the-solicitor = vəkilə zəng müddəti
limit-longest-without-advice = vəkilsiz ən uzun müddət
limit-adult-called = yetkin şəxsin çağırılması müddəti
limit-adult-comes = yetkin şəxsin gəlməsi müddəti
limit-rights-again = hüquqların təkrar izahı müddəti
limit-parent-told = valideynə xəbərvermə müddəti
limit-woman-named = qadın əməkdaşın təyini müddəti
limit-interpreter-called = tərcüməçinin çağırılması müddəti
limit-out-of-the-station = şöbədən köçürmə müddəti
limit-between-visits = kameraya baş çəkmələrin aralığı
limit-between-visits-when-watched = müşahidə zamanı baş çəkmələrin aralığı
limit-between-rousings = oyatmaların aralığı
limit-help-for-the-unresponsive = cavab verməyənə yardım müddəti
limit-clinical-attention = tibb işçisinin gəlməsi müddəti
limit-examination-asked-for = istənilən müayinənin müddəti
limit-fitness-looked-at = yararlılığın yoxlanması müddəti
limit-treatment-complaint = rəftardan şikayətin bildirilməsi müddəti
limit-between-meals = yeməklər arası
limit-between-main-meals = əsas yeməklər arası
limit-between-walks = gəzintilərin aralığı
limit-products-offered = gigiyena vasitələrinin təklifi müddəti
limit-longest-without-rest = istirahətsiz ən uzun vaxt
limit-continuous-rest = fasiləsiz istirahət
limit-longest-questioning = ən uzun dindirmə
limit-shortest-pause = ən qısa fasilə
limit-meal-break = yemək fasiləsinin müddəti
limit-complaint-in-interview = dindirmədə şikayətin bildirilməsi müddəti
limit-first-review = ilk baxılma müddəti
limit-later-reviews = növbəti baxılmaların aralığı
limit-longest-hold = ittihamsız ən uzun saxlanma
limit-longest-hold-by-a-superintendent = superintendentin icazəsi ilə ən uzun saxlanma
limit-longest-hold-by-a-court = məhkəmənin icazəsi ilə ən uzun saxlanma
limit-told-on-waking = oyandıqdan sonra bildirmə müddəti
limit-to-court = məhkəməyə çıxarılma müddəti

## Roles

role-professional-standards = peşə standartları xidməti

## Titles of rules

rule-detention-decided = Saxlanma barədə qərar verilir
rule-detention-grounds = Saxlanmanın əsasları yazılır
rule-rights-told = Hüquqlar izah olunur
rule-rights-in-writing = Hüquqlar yazılı verilir
rule-risk-assessed = Risk qiymətləndirilir
rule-record-shown-to-solicitor = Kart vəkilə göstərilir
rule-record-shown-to-adult = Kart müşayiət edən yetkin şəxsə göstərilir
rule-copy-handed-over = Kartın surəti verilir
rule-entries-signed = Qeydin müəllifi göstərilir
rule-somebody-told = Kənarda kiməsə xəbər verilir
rule-silence-authorised = Xəbərvermənin gecikdirilməsi rütbəli şəxsin icazəsi ilə
rule-silence-ends = Xəbərvermə 36 saatdan çox gecikdirilmir
rule-told-again-after-move = Köçürmədən sonra yenidən xəbər verilir
rule-call-allowed = Telefon zənginə icazə verilir
rule-consulate-if-asked = Xahişlə konsulluğa xəbər verilir
rule-consulate-by-treaty = Müqavilə üzrə konsulluğa xəbər verilir
rule-advice-offered = Vəkil yardımı təklif olunur
rule-refusal-asked-about = Vəkildən imtinanın səbəbi soruşulur
rule-solicitor-called = Vəkil çağırılır
rule-advice-before-interview = Dindirmədən əvvəl vəkil
rule-interview-without-advice-ranked = Vəkilsiz dindirmə rütbəli şəxsin icazəsi ilə
rule-delay-of-advice-ranked = Vəkil yardımını yalnız superintendent gecikdirə bilər
rule-advice-by-thirty-six = Vəkil ən geci 36 saata
rule-consultation-private = Vəkillə görüş təklikdədir
rule-told-of-solicitor = Vəkilin gəldiyi bildirilir
rule-solicitor-excluded-by-rank = Vəkili yalnız rütbəli şəxs çıxara bilər
rule-reminded-before-interview = Dindirmədən əvvəl vəkil hüququ xatırladılır
rule-adult-called-for-juvenile = Yetkinlik yaşına çatmayan üçün yetkin şəxs çağırılır
rule-adult-called-for-vulnerable = Həssas şəxs üçün yetkin şəxs çağırılır
rule-adult-comes = Müşayiət edən yetkin şəxs gəlir
rule-rights-again-with-adult = Hüquqlar yetkin şəxsin yanında yenidən izah olunur
rule-juvenile-not-interviewed-alone = Yetkinlik yaşına çatmayan tək dindirilmir
rule-vulnerable-not-interviewed-alone = Həssas şəxs tək dindirilmir
rule-urgent-interview-ranked = Təxirəsalınmaz dindirmə superintendentin icazəsi ilə
rule-parent-told = Valideynə xəbər verilir
rule-girl-under-care-of-woman = Qız qadın əməkdaşın himayəsindədir
rule-juvenile-not-in-cell = Yetkinlik yaşına çatmayan üçün kamera son çarədir
rule-juvenile-apart-from-adults = Yetkinlik yaşına çatmayan böyüklərdən ayrıdır
rule-interpreter-called = Tərcüməçi çağırılır
rule-interpreter-at-interview = Dildən çətinlik çəkənə tərcüməçi verilir
rule-juvenile-moved-after-charge = İttihamdan sonra yetkinlik yaşına çatmayan köçürülür
rule-visited-hourly = Hər saat baş çəkilir
rule-visited-at-intervals = Hər yarım saat baş çəkilir
rule-watched-constantly = Daimi müşahidə var
rule-constantly-watched-visited = Daimi müşahidədə olana baş çəkilir
rule-watched-within-reach = Əl çatan məsafədən müşahidə
rule-intoxicated-roused = Sərxoş şəxs oyadılıb yoxlanılır
rule-unresponsive-helped = Cavab verməyən üçün təcili yardım çağırılır
rule-urgent-clinical-attention = Tibb işçisi təcili gəlir
rule-examination-on-request = Xahişlə müayinə aparılır
rule-fit-to-be-held = Saxlanmaya yararlılıq yoxlanılır
rule-complaint-of-treatment-reported = Rəftardan şikayət yuxarıya bildirilir
rule-medication-prescribed = Dərman yalnız təyinatla
rule-meals-offered = Yemək təklif edilir
rule-main-meal-offered = Gündə bir əsas yemək
rule-out-into-the-air = Açıq havaya çıxarılır
rule-rest-of-eight-hours = 24 saatda səkkiz saat istirahət
rule-menstrual-products-offered = Menstruasiya vasitələri təklif olunur
rule-restraint-in-cell-grounded = Bağlı kamerada məhdudlaşdırma əsaslandırılır
rule-interview-cautioned = Susmaq hüququ barədə xəbərdarlıq edilir
rule-fit-for-interview = Dindirməyə yararlılıq yoxlanılır
rule-doubt-cleared-by-clinician = Şübhəni tibb işçisi həll edir
rule-clothed-for-interview = Dindirmədə geyim verilir
rule-interview-break = İki saatdan sonra fasilə
rule-meal-break = Yemək fasiləsi 45 dəqiqədir
rule-interview-read-back = Dindirmə qeydi oxunur və imzalanır
rule-complaint-in-interview = Dindirmədə deyilən şikayət ötürülür
rule-rest-undisturbed = İstirahət vaxtı dindirmə yoxdur
rule-no-interview-after-charge = İttihamdan sonra dindirmə yoxdur
rule-detention-reviewed = Saxlanmanın əsaslılığına yenidən baxılır
rule-hold-without-charge = Heç kim ittihamsız uzun müddət saxlanılmır
rule-extension-ranked = Müddəti superintendent uzadır
rule-extension-after-reviews = Müddət baxılmalardan sonra uzadılır
rule-reviewer-stands-apart = Baxan şəxs işdən kənardır
rule-representations-invited = Şəxsə fikir bildirmək təklif olunur
rule-reminded-at-review = Baxılmada vəkil hüququ xatırladılır
rule-told-on-waking = Oyananda baxılma bildirilir
rule-remote-review-explained = Məsafədən baxılmanın səbəbi yazılır
rule-charged-before-court = İttiham olunan məhkəməyə çıxarılır
rule-strip-search-grounded = Soyundurmaqla axtarış əsaslandırılır
rule-strip-search-same-sex = Soyundurmaqla axtarışı eyni cinsdən şəxs aparır
rule-strip-search-unseen = Soyundurmaqla axtarış gözdən kənarda
rule-strip-search-two-present = Soyundurmaqla axtarışda iki nəfər iştirak edir
rule-child-search-with-adult = Uşağın axtarışı yetkin şəxsin yanında
rule-strip-search-by-turns = Geyim növbə ilə çıxarılır
rule-intimate-search-ranked = Bədən boşluqlarının axtarışına inspektor icazə verir
rule-intimate-search-by-clinician = Bədən boşluqlarını tibb işçisi yoxlayır
body-home-office = Daxili İşlər Nazirliyi (Home Office)
