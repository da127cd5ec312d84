# Слова на русском языке: what each message names is in crates/codebook/src/i18n.rs.

## Events and their aliases

event-interview-without-solicitor-authorised = разрешение допроса без адвоката
event-solicitor-excluded = удаление адвоката с допроса
event-urgent-interview-authorised = разрешение неотложного допроса
event-woman-put-in-charge = назначение ответственной женщины
event-detained-after-charge = содержание после обвинения
event-moved-to-local-authority = передача органу опеки
event-move-found-impracticable = невозможность передачи
event-watch-begun = начало дежурства у камеры
event-watch-ended = окончание дежурства у камеры
event-rest-begun = начало отдыха
event-rest-ended = окончание отдыха
event-further-interview-permitted = разрешение повторного допроса
event-review-told = сообщение о пересмотре
event-rights-put-off = отсрочка разъяснения прав
event-rights-understood = права поняты
event-notice-delayed = отсрочка уведомления
event-shown-to-the-solicitor = ознакомление адвоката с картой
event-shown-to-the-adult = ознакомление сопровождающего взрослого с картой
event-appropriate-adult-came = приход сопровождающего взрослого
event-copy-asked-for = просьба о копии карты
event-advice-delayed = отсрочка помощи адвоката
event-found-vulnerable = выявление уязвимости
event-appropriate-adult-called = вызов сопровождающего взрослого
event-interpreter-needed = потребность в переводчике
event-interpreter-asked-to-come = вызов переводчика
event-visited = посещение камеры
event-roused = пробуждение с получением ответа
event-found-without-response = обнаружен без реакции
event-ambulance-called = вызов скорой помощи
event-clinician-asked-for-at-once = срочный вызов медика
event-clinician-asked-for = вызов медика
event-high-risk-found = выявление высокого риска
event-found-fit-to-be-held = признан годным к содержанию
event-meal-offered = предложение еды
event-pause-for-a-meal = перерыв на еду
event-fitness-in-doubt = сомнение в годности
event-found-fit-to-be-interviewed = признан годным к допросу
event-review-before-charge = пересмотр до обвинения
event-extended = продление содержания
event-extended-by-a-superintendent = продление суперинтендантом
event-extended-by-a-court = продление судом
event-strip-search = досмотр с полным раздеванием
event-intimate-search = досмотр полостей тела
event-search-of-the-body = личный досмотр тела

## Fields

field-needs-interpreter = нужен переводчик
field-indictable = преследуется по обвинительному акту
field-consulate-by-treaty = уведомление консульства по договору
field-detainee-told = содержащемуся сообщено
field-reminded-of-advice = напомнили о праве на адвоката
field-superintendent-away = суперинтендант отсутствует
field-needs-appropriate-adult = нужен сопровождающий взрослый
field-other-secure-place = есть ли иное надёжное место
field-accommodation = место размещения
field-certified = удостоверено
field-in-locked-cell = в запертой камере
field-where = где
field-clothing-adequate = одежда достаточна
field-before-interview = до допроса
field-involved-in-the-inquiry = участвует в расследовании
field-representations-invited = предложено высказаться
field-remote-because = причина пересмотра на расстоянии
field-persons-present = число присутствующих
field-urgent-risk = неотложная опасность
field-adult-present = взрослый присутствует
field-adult-declined = от взрослого отказались
field-by-clinician = проведён медиком
field-clothes-by-turns = одежду снимали по очереди

## Values

value-inspector = инспектор
value-superintendent = суперинтендант
value-harm = угроза вреда
value-unreasonable-delay = неоправданная задержка
value-nobody-free = нет свободного адвоката
value-mind-changed = передумал
value-door = у двери
value-within-reach = на расстоянии вытянутой руки
value-slept-out = выспался
value-danger = опасность
value-release-delayed = задержка освобождения
value-ambiguity = неясность
value-new-information = новые сведения
value-magistrates = магистратский суд

## States

state-in-a-cell = находится в камере
state-observed-at-intervals = наблюдение с интервалами
state-observed-constantly = постоянное наблюдение
state-observed-within-reach = наблюдение вблизи
state-to-be-roused = нужно будить
state-kept-from-rest = отдых не предоставлен
state-at-rest = отдыхает
state-charged = обвинение предъявлено
state-authorised-and-uncharged = содержание разрешено, обвинения нет
state-on-the-detention-clock = идёт срок содержания
state-in-hospital = в больнице

## Items

item-helpers = помощники
item-watchers = наблюдающие
item-watchers-at-hand = наблюдающие рядом

## Limits

limit-decision-on-arrival = срок решения после доставления
limit-rights-on-arrival = срок разъяснения прав после доставления
limit-rights-after-a-deferral = срок разъяснения прав после отсрочки
limit-first-risk-assessment = срок первой оценки риска
limit-record-shown = срок ознакомления с картой
limit-copy-handed-over = срок выдачи копии карты
limit-somebody-told = срок уведомления другого лица
limit-longest-silence = предельная отсрочка уведомления
limit-call-allowed = срок разрешения звонка
limit-consular-word = срок сообщения консульству
limit-entry-of-an-event = срок записи события
limit-offer-of-advice = срок предложения адвоката
limit-call-to-the-solicitor = срок звонка адвокату
limit-longest-without-advice = предельное время без адвоката
limit-adult-called = срок вызова взрослого
limit-adult-comes = срок прихода взрослого
limit-rights-again = срок повторного разъяснения прав
limit-parent-told = срок уведомления родителя
limit-woman-named = срок назначения женщины
limit-interpreter-called = срок вызова переводчика
limit-out-of-the-station = срок вывода из отделения
limit-between-visits = интервал посещений камеры
limit-between-visits-when-watched = интервал посещений при наблюдении
limit-between-rousings = интервал побудок
limit-help-for-the-unresponsive = срок помощи человеку без реакции
limit-clinical-attention = срок прихода медика
limit-examination-asked-for = срок осмотра по просьбе
limit-fitness-looked-at = срок проверки годности
limit-treatment-complaint = срок сообщения о жалобе на обращение
limit-between-meals = промежуток между приёмами пищи
limit-between-main-meals = промежуток между основными приёмами пищи
limit-between-walks = интервал прогулок
limit-products-offered = срок предложения средств гигиены
limit-longest-without-rest = наибольшее время без отдыха
limit-continuous-rest = непрерывный отдых
limit-longest-questioning = наибольший допрос без перерыва
limit-shortest-pause = самая короткая пауза
limit-meal-break = длительность перерыва на еду
limit-complaint-in-interview = срок сообщения о жалобе на допросе
limit-first-review = срок первого пересмотра
limit-later-reviews = промежуток следующих пересмотров
limit-longest-hold = наибольшее содержание без обвинения
limit-longest-hold-by-a-superintendent = предельное содержание с разрешения суперинтенданта
limit-longest-hold-by-a-court = наибольшее содержание по решению суда
limit-told-on-waking = срок сообщения после пробуждения
limit-to-court = срок доставления в суд

## Roles

role-professional-standards = служба профессиональных стандартов

## Titles of rules

rule-detention-decided = Решение о содержании принято
rule-detention-grounds = Основания содержания записаны
rule-rights-told = Права разъяснены
rule-rights-in-writing = Права вручены письменно
rule-risk-assessed = Риск оценён
rule-record-shown-to-solicitor = Карту показывают адвокату
rule-record-shown-to-adult = Карту показывают сопровождающему взрослому
rule-copy-handed-over = Копию карты выдают
rule-entries-signed = Автор записи указан
rule-somebody-told = Кого-то вне отделения уведомляют
rule-silence-authorised = Отсрочка уведомления с разрешения по званию
rule-silence-ends = Уведомление не откладывают дольше 36 часов
rule-told-again-after-move = После перевода уведомляют снова
rule-call-allowed = Телефонный звонок разрешён
rule-consulate-if-asked = Консульство уведомляют по просьбе
rule-consulate-by-treaty = Консульство уведомляют по договору
rule-advice-offered = Помощь адвоката предложена
rule-refusal-asked-about = О причине отказа от адвоката спрашивают
rule-solicitor-called = Адвоката вызывают
rule-advice-before-interview = Адвокат до допроса
rule-interview-without-advice-ranked = Допрос без адвоката с разрешения по званию
rule-delay-of-advice-ranked = Помощь адвоката откладывает только суперинтендант
rule-advice-by-thirty-six = Адвокат не позднее 36 часов
rule-consultation-private = Свидание с адвокатом наедине
rule-told-of-solicitor = О приходе адвоката сообщают
rule-solicitor-excluded-by-rank = Адвоката удаляет только старший по званию
rule-reminded-before-interview = До допроса напоминают о праве на адвоката
rule-adult-called-for-juvenile = Для несовершеннолетнего вызывают взрослого
rule-adult-called-for-vulnerable = Для уязвимого лица вызывают взрослого
rule-adult-comes = Сопровождающий взрослый приходит
rule-rights-again-with-adult = Права разъясняют снова при взрослом
rule-juvenile-not-interviewed-alone = Несовершеннолетнего не допрашивают одного
rule-vulnerable-not-interviewed-alone = Уязвимое лицо не допрашивают одно
rule-urgent-interview-ranked = Неотложный допрос с разрешения суперинтенданта
rule-parent-told = Родителя уведомляют
rule-girl-under-care-of-woman = Девочка под опекой женщины
rule-juvenile-not-in-cell = Камера для несовершеннолетнего крайняя мера
rule-juvenile-apart-from-adults = Несовершеннолетний отдельно от взрослых
rule-interpreter-called = Переводчика вызывают
rule-interpreter-at-interview = Не понимающему языка дают переводчика
rule-juvenile-moved-after-charge = После обвинения несовершеннолетнего переводят
rule-visited-hourly = Посещают каждый час
rule-visited-at-intervals = Посещают каждые полчаса
rule-watched-constantly = Наблюдение постоянно
rule-constantly-watched-visited = При постоянном наблюдении заходят в камеру
rule-watched-within-reach = Наблюдение на расстоянии вытянутой руки
rule-intoxicated-roused = Человека в опьянении будят и проверяют
rule-unresponsive-helped = Человеку без реакции вызывают скорую
rule-urgent-clinical-attention = Медик приходит срочно
rule-examination-on-request = Осматривают по просьбе
rule-fit-to-be-held = Годность к содержанию проверена
rule-complaint-of-treatment-reported = О жалобе на обращение докладывают
rule-medication-prescribed = Лекарство только по назначению
rule-meals-offered = Предлагают еду
rule-main-meal-offered = Один основной приём пищи в день
rule-out-into-the-air = Выводят на воздух
rule-rest-of-eight-hours = Восемь часов отдыха за 24 часа
rule-menstrual-products-offered = Предложены средства для менструации
rule-restraint-in-cell-grounded = Стеснение в запертой камере обосновано
rule-interview-cautioned = О праве хранить молчание предупредили
rule-fit-for-interview = Годность к допросу проверена
rule-doubt-cleared-by-clinician = Сомнение разрешает медик
rule-clothed-for-interview = На допросе человек одет
rule-interview-break = Через два часа перерыв
rule-meal-break = Перерыв на еду 45 минут
rule-interview-read-back = Запись допроса прочитана и подписана
rule-complaint-in-interview = Жалобу на допросе передают
rule-rest-undisturbed = Во время отдыха не допрашивают
rule-no-interview-after-charge = После обвинения не допрашивают
rule-detention-reviewed = Основание содержания пересматривают
rule-hold-without-charge = Без обвинения долго не держат
rule-extension-ranked = Срок продлевает суперинтендант
rule-extension-after-reviews = Срок продлевают после пересмотров
rule-reviewer-stands-apart = Пересматривающий не участвует в деле
rule-representations-invited = Лицу предлагают высказаться
rule-reminded-at-review = При пересмотре напоминают об адвокате
rule-told-on-waking = После пробуждения сообщают о пересмотре
rule-remote-review-explained = Причина пересмотра на расстоянии записана
rule-charged-before-court = Обвиняемого доставляют в суд
rule-strip-search-grounded = Досмотр с раздеванием обоснован
rule-strip-search-same-sex = Досмотр с раздеванием проводит лицо того же пола
rule-strip-search-unseen = Досмотр с раздеванием вне чужих глаз
rule-strip-search-two-present = При досмотре с раздеванием присутствуют двое
rule-child-search-with-adult = Досмотр ребёнка при взрослом
rule-strip-search-by-turns = Одежду снимают по очереди
rule-intimate-search-ranked = Досмотр полостей тела разрешает инспектор
rule-intimate-search-by-clinician = Полости тела осматривает медик
body-home-office = Министерство внутренних дел (Home Office)
