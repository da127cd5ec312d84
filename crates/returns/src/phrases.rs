//! What the reader's tables say in their own words, in three languages. The words of the law (titles, columns, answers) are the codebook's.

/// A language that tables are told in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Azerbaijani.
    Az,
    /// Russian.
    Ru,
}

impl Language {
    /// All of them.
    pub const ALL: [Language; 3] = [Language::En, Language::Az, Language::Ru];

    /// Its tag (BCP 47).
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Az => "az",
            Language::Ru => "ru",
        }
    }
}

macro_rules! phrases {
    ($($name:ident: $en:literal, $az:literal, $ru:literal;)*) => {
        /// Something that is said; `{0}`, `{1}` and `{2}` stand for what is put in.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Phrase { $($name,)* }

        impl Phrase {
            /// In English, Azerbaijani and Russian.
            fn texts(self) -> [&'static str; 3] {
                match self { $(Phrase::$name => [$en, $az, $ru],)* }
            }
        }
    };
}

phrases! {
    AsKnownAt: "{0}, as known at {1}", "{0}, {1} tarixinə məlum olduğu kimi", "{0}, по состоянию сведений на {1}";
    All: "all", "hamısı", "всего";
    NotRecorded: "not recorded", "qeyd edilməyib", "не записано";
    Other: "other", "digər", "иное";
    Yes: "yes", "bəli", "да";
    No: "no", "xeyr", "нет";
    Open: "(+{0} open)", "(+{0} davam edir)", "(+{0} не завершено)";
    Mind: "Mind", "Nəzərə alın", "Имейте в виду";
    AskedBy: "Asked by", "Kim soruşur", "Кто запрашивает";
    Cites: "Cites", "Mənbə", "Источник";
    Marks: "withheld to protect persons|not available|cannot occur|revised|provisional|low coverage",
        "şəxsləri qorumaq üçün göstərilmir|mövcud deyil|ola bilməz|yenidən baxılıb|ilkin|əhatə aşağıdır",
        "скрыто для защиты лиц|нет данных|невозможно|пересмотрено|предварительно|неполный охват";
    Sent: "{0} of {1} places sent data.", "{1} yerdən {0}-i məlumat göndərib.", "Данные передали {0} из {1} мест.";
    Partial: "The totals are partial.", "Yekunlar natamamdır.", "Итоги неполные.";
    NoneWithheld: "No number had to be withheld to protect persons.", "Şəxsləri qorumaq üçün heç bir rəqəmi gizlətmək lazım gəlmədi.",
        "Скрывать числа для защиты лиц не потребовалось.";
    Withheld: "{0} small numbers are withheld (c) to protect persons, and {1} more so that these cannot be worked out.",
        "Şəxsləri qorumaq üçün {0} kiçik rəqəm (c), onların hesablanmaması üçün daha {1} rəqəm göstərilmir.",
        "Для защиты лиц скрыто малых чисел (c): {0}, и ещё {1}, чтобы их нельзя было вычислить.";
    Rounded: "Every number is rounded to {0} on its own, totals too, so that they need not add up.",
        "Hər rəqəm, yekunlar da, ayrıca {0}-ə yuvarlaqlaşdırılıb; buna görə cəm uyğun gəlməyə bilər.",
        "Каждое число, включая итоги, округлено до {0} само по себе, поэтому суммы могут не сходиться.";
    LeftOut: "Left out: {0} ({1}).", "Daxil edilməyib: {0} ({1}).", "Не включено: {0} ({1}).";
    Cut: "{0} stretches had not ended with the period; they are cut there and counted apart.",
        "{0} müddət dövrlə birgə bitməyib; onlar orada kəsilib və ayrıca sayılıb.",
        "Не завершились к концу периода: {0}; они обрезаны по его границе и сочтены отдельно.";
    Rough: "{0} things have a time known only roughly, which may lie after the period.",
        "{0} hadisənin vaxtı yalnız təxmini məlumdur və dövrdən sonraya düşə bilər.",
        "Время известно лишь приблизительно и может лежать после периода: {0}.";
    Revised: "{0} cells are revised (r): {1} entries came late, {2} corrected others.",
        "{0} xanaya yenidən baxılıb (r): {1} qeyd gec daxil olub, {2} qeyd digərlərini düzəldib.",
        "Пересмотрено ячеек (r): {0}; поздних записей {1}, исправляющих {2}.";
    NotAdditive: "An addition does not come out: {0}.", "Cəm düz gəlmir: {0}.", "Сумма не сходится: {0}.";
    CoarserAges: "Ages are told as under 18 and from 18, so that fewer numbers are withheld.",
        "Daha az rəqəm gizlədilsin deyə yaşlar 18-dən aşağı və 18-dən yuxarı göstərilir.",
        "Возраст показан как до 18 и от 18 лет, чтобы скрывать меньше чисел.";
    CoarserPlaces: "Places are told as regions, so that fewer numbers are withheld.",
        "Daha az rəqəm gizlədilsin deyə yerlər regionlar üzrə göstərilir.",
        "Места показаны по регионам, чтобы скрывать меньше чисел.";
    CoarserYears: "Days, months and quarters are told as years, so that fewer numbers are withheld.",
        "Daha az rəqəm gizlədilsin deyə günlər, aylar və rüblər illər üzrə göstərilir.",
        "Дни, месяцы и кварталы показаны по годам, чтобы скрывать меньше чисел.";
    ChartBy: "{0}: {1} by {2}", "{0}: {1} ({2} üzrə)", "{0}: {1} (по признаку «{2}»)";
    ChartByBoth: "{0}: {1} by {2} and {3}", "{0}: {1} ({2} və {3} üzrə)", "{0}: {1} (по признакам «{2}» и «{3}»)";
    ChartEach: "{0}: each column by {1}", "{0}: hər sütun {1} üzrə", "{0}: каждый столбец по признаку «{1}»";
    ChartHeat: "{0}: {1} by place and hour", "{0}: {1} (yer və saat üzrə)", "{0}: {1} по месту и часу";
    ChartSays: "{0} numbers in {1}.", "{0} rəqəm, vahid: {1}.", "Чисел: {0}, единица: {1}.";
    ChartMost: "Most: {0}, {1}.", "Ən çoxu: {0}, {1}.", "Наибольшее: {0}, {1}.";
    ChartPanels: "{0} columns, each with its own scale.",
        "{0} sütun, hər birinin öz miqyası var.", "Столбцов: {0}, у каждого свой масштаб.";
    ChartTiles: "{0} places, 24 hours; a darker tile is a greater number, and the number stands in it.",
        "{0} yer, 24 saat; tünd xana böyük rəqəmdir, rəqəm xananın içindədir.",
        "Мест: {0}, 24 часа; чем темнее клетка, тем больше число, само число стоит в ней.";
    Place: "place", "yer", "место";
    KindOfPlace: "kind of place", "yerin növü", "вид места";
    Region: "region", "region", "регион";
    Age: "age", "yaş", "возраст";
    Rule: "rule", "norma", "норма";
    Verdict: "verdict", "nəticə", "вывод";
    Day: "day", "gün", "день";
    Month: "month", "ay", "месяц";
    Quarter: "quarter", "rüb", "квартал";
    Year: "year", "il", "год";
    Hour: "hour", "saat", "час";
    Met: "met", "yerinə yetirilib", "соблюдено";
    MetLate: "met late", "gec yerinə yetirilib", "соблюдено с опозданием";
    Breached: "breached", "pozulub", "нарушено";
    Pending: "pending", "gözlənilir", "ожидается";
    Excused: "excused", "üzrlü", "оправдано";
    Undetermined: "undetermined", "müəyyən edilməyib", "не установлено";
    Minutes: "minutes", "dəqiqə", "минуты";
    Percent: "percent", "faiz", "проценты";
    Number: "number", "say", "число";
    Money: "money", "pul", "деньги";
    Stretch: "stretch", "müddət", "промежуток";
    TypedIn: "typed in", "əl ilə daxil edilib", "введено вручную";
    DaysOf: "days of {0}", "gün: {0}", "дни: {0}";
    Per: "per {0} {1}", "{0} {1} üzrə", "на {0} {1}";
}

/// A phrase with what is put in.
pub(crate) fn say(language: Language, phrase: Phrase, values: &[&str]) -> String {
    let mut out = phrase.texts()[language as usize].to_owned();
    for (place, value) in values.iter().enumerate() {
        out = out.replace(&format!("{{{place}}}"), value);
    }
    out
}

/// The phrase whose English is this text, where there is one without anything put in.
pub(crate) fn known(english: &str) -> Option<Phrase> {
    const PLAIN: [Phrase; 33] = [
        Phrase::All,
        Phrase::NotRecorded,
        Phrase::Other,
        Phrase::Yes,
        Phrase::No,
        Phrase::CoarserAges,
        Phrase::CoarserPlaces,
        Phrase::CoarserYears,
        Phrase::Place,
        Phrase::KindOfPlace,
        Phrase::Region,
        Phrase::Age,
        Phrase::Rule,
        Phrase::Verdict,
        Phrase::Day,
        Phrase::Month,
        Phrase::Quarter,
        Phrase::Year,
        Phrase::Hour,
        Phrase::Met,
        Phrase::MetLate,
        Phrase::Breached,
        Phrase::Pending,
        Phrase::Excused,
        Phrase::Undetermined,
        Phrase::Minutes,
        Phrase::Percent,
        Phrase::Number,
        Phrase::Money,
        Phrase::Stretch,
        Phrase::TypedIn,
        Phrase::NoneWithheld,
        Phrase::Partial,
    ];
    PLAIN.into_iter().find(|phrase| phrase.texts()[0] == english)
}
