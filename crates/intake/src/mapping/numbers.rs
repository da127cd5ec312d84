//! Numbers of foreign tables: how they are written, and formulas over columns. Exact decimals throughout.

use rust_decimal::Decimal;
use std::borrow::Cow;

/// How a table writes its numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers {
    pub(super) decimal: char,
    /// The sign between groups of three digits.
    pub(super) thousands: Option<char>,
}

impl Default for Numbers {
    fn default() -> Self {
        Numbers { decimal: '.', thousands: None }
    }
}

impl Numbers {
    /// A number as everybody else writes it: `1.234,5` becomes `1234.5`. What is no number of this table stays as it is, for whoever reads
    /// it to refuse.
    pub(super) fn plain<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.decimal == '.' && self.thousands.is_none() {
            return Cow::Borrowed(text);
        }
        let (whole, rest) = text.split_once(self.decimal).map_or((text, None), |(whole, rest)| (whole, Some(rest)));
        let Some(mut plain) = self.ungrouped(whole) else { return Cow::Owned(format!("`{text}`")) };
        if let Some(rest) = rest {
            plain.push('.');
            plain.push_str(rest);
        }
        Cow::Owned(plain)
    }

    /// Groups of three joined; `None` where a group is of another length, or the point is one that this table does not use.
    fn ungrouped(&self, whole: &str) -> Option<String> {
        if self.decimal != '.' && self.thousands != Some('.') && whole.contains('.') {
            return None;
        }
        // A blank that does not break, broad or narrow, is a blank.
        let is_thousands = |c: char| self.thousands.is_some_and(|sign| c == sign || sign == ' ' && matches!(c, '\u{a0}' | '\u{202f}'));
        let digits = whole.trim_end_matches(|c: char| !c.is_ascii_digit());
        let mut groups = digits.split(is_thousands);
        let first = groups.next()?;
        let mut joined = first.to_owned();
        let mut grouped = false;
        for group in groups {
            if group.len() != 3 || !group.bytes().all(|digit| digit.is_ascii_digit()) {
                return None;
            }
            joined.push_str(group);
            grouped = true;
        }
        if grouped && !(1..=3).contains(&first.trim_start_matches(['-', '+']).len()) {
            return None;
        }
        joined.push_str(&whole[digits.len()..]);
        Some(joined)
    }

    /// A number as this table would write it, to six decimals: more of a share is noise.
    pub(super) fn written(&self, number: Decimal) -> String {
        number.round_dp(6).normalize().to_string().replace('.', self.decimal.encode_utf8(&mut [0; 4]))
    }

    /// The number that a cell holds.
    pub(super) fn read(&self, text: &str) -> Option<Decimal> {
        self.plain(text).parse().ok()
    }
}

/// A formula over columns: `{a} + {b}`, `100 * {held} / ({places} - {out of use})`.
#[derive(Clone, Debug)]
pub(super) enum Formula<C> {
    Number(Decimal),
    Column(C),
    Minus(Box<Formula<C>>),
    Both(Sign, Box<Formula<C>>, Box<Formula<C>>),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Sign {
    Plus,
    Minus,
    Times,
    By,
}

/// Why a formula gives no number.
#[derive(Debug)]
pub(super) enum Wrong<C> {
    /// A cell holds none.
    NotANumber(C),
    /// By what.
    DivisionByZero(Option<C>),
    TooLarge,
}

impl<C: Copy> Formula<C> {
    /// A column that it is made of.
    pub(super) fn shown(&self) -> Option<C> {
        match self {
            Formula::Number(_) => None,
            Formula::Column(column) => Some(*column),
            Formula::Minus(inner) => inner.shown(),
            Formula::Both(_, left, right) => left.shown().or_else(|| right.shown()),
        }
    }

    /// The number of a row; none where a column is blank.
    pub(super) fn of<'r>(&self, cell: &impl Fn(C) -> &'r str, numbers: &Numbers) -> Result<Option<Decimal>, Wrong<C>> {
        Ok(match self {
            Formula::Number(number) => Some(*number),
            Formula::Column(column) => match cell(*column) {
                "" => None,
                text => Some(numbers.read(text).ok_or(Wrong::NotANumber(*column))?),
            },
            Formula::Minus(inner) => inner.of(cell, numbers)?.map(|number| -number),
            Formula::Both(sign, left, right) => {
                let (Some(a), Some(b)) = (left.of(cell, numbers)?, right.of(cell, numbers)?) else { return Ok(None) };
                let reckoned = match sign {
                    Sign::Plus => a.checked_add(b),
                    Sign::Minus => a.checked_sub(b),
                    Sign::Times => a.checked_mul(b),
                    Sign::By if b.is_zero() => return Err(Wrong::DivisionByZero(right.shown())),
                    Sign::By => a.checked_div(b),
                };
                Some(reckoned.ok_or(Wrong::TooLarge)?)
            }
        })
    }
}

/// Reads a formula; `column` finds a column by its name. An error is what was expected, and at which byte.
pub(super) fn formula<C>(text: &str, column: &mut dyn FnMut(&str) -> C) -> Result<Formula<C>, (usize, &'static str)> {
    let mut reader = Reader { text, at: 0, column, depth: 0 };
    let made = reader.sum()?;
    reader.blanks();
    if reader.at < text.len() { Err((reader.at, "`+`, `-`, `*`, `/` or the end")) } else { Ok(made) }
}

/// Brackets within brackets that a formula may have.
const DEEPEST: u32 = 50;

struct Reader<'t, C> {
    text: &'t str,
    at: usize,
    column: &'t mut dyn FnMut(&str) -> C,
    depth: u32,
}

impl<C> Reader<'_, C> {
    fn blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn next_is(&mut self, sign: char) -> bool {
        self.blanks();
        let is = self.text[self.at..].starts_with(sign);
        if is {
            self.at += sign.len_utf8();
        }
        is
    }

    fn sum(&mut self) -> Result<Formula<C>, (usize, &'static str)> {
        let mut left = self.product()?;
        loop {
            let sign = if self.next_is('+') {
                Sign::Plus
            } else if self.next_is('-') {
                Sign::Minus
            } else {
                return Ok(left);
            };
            left = Formula::Both(sign, Box::new(left), Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Result<Formula<C>, (usize, &'static str)> {
        let mut left = self.one()?;
        loop {
            let sign = if self.next_is('*') {
                Sign::Times
            } else if self.next_is('/') {
                Sign::By
            } else {
                return Ok(left);
            };
            left = Formula::Both(sign, Box::new(left), Box::new(self.one()?));
        }
    }

    fn one(&mut self) -> Result<Formula<C>, (usize, &'static str)> {
        const EXPECTED: &str = "a number, a {column} or a bracket";
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err((self.at, "fewer brackets within brackets"));
        }
        let made = if self.next_is('-') {
            Formula::Minus(Box::new(self.one()?))
        } else if self.next_is('(') {
            let inner = self.sum()?;
            if !self.next_is(')') {
                return Err((self.at, "`)`"));
            }
            inner
        } else if self.next_is('{') {
            let rest = &self.text[self.at..];
            let end = rest.find('}').ok_or((self.at, "`}`"))?;
            self.at += end + 1;
            Formula::Column((self.column)(&rest[..end]))
        } else {
            let rest = &self.text[self.at..];
            let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            let number = rest[..digits].parse().map_err(|_| (self.at, EXPECTED))?;
            self.at += digits;
            Formula::Number(number)
        };
        self.depth -= 1;
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_its_table_writes_it_and_a_wrong_group_is_none() {
        let numbers = |decimal, thousands| Numbers { decimal, thousands };
        let read = |n: Numbers, text: &str| n.read(text).map(|d| d.to_string());
        let italian = numbers(',', Some('.'));
        assert_eq!(read(italian, "51.165").as_deref(), Some("51165"));
        assert_eq!(read(italian, "-1.051.165,50").as_deref(), Some("-1051165.50"));
        assert_eq!(read(italian, "51.16"), None);
        assert_eq!(read(italian, "1234.567"), None);
        assert_eq!(read(numbers('.', Some(',')), "1,234.5").as_deref(), Some("1234.5"));
        assert_eq!(read(numbers('.', Some(',')), "1,23"), None);
        assert_eq!(read(numbers(',', Some(' ')), "12\u{a0}345,6").as_deref(), Some("12345.6"));
        assert_eq!(read(numbers(',', None), "12.5"), None, "a point that this table does not use");
        assert_eq!(read(Numbers::default(), "1,234"), None);
        assert_eq!(numbers(',', Some('.')).plain("1.200,50 AZN"), "1200.50 AZN");
    }

    #[test]
    fn a_formula_is_reckoned_exactly_and_a_blank_is_not_nought() {
        let reckon = |text: &str| {
            let made = formula(text, &mut |name| if name == "held" { "62283" } else { "" }).expect("a formula");
            made.of(&|cell| cell, &Numbers::default()).map(|n| n.map(|n| n.to_string()))
        };
        assert_eq!(reckon("100 * {held} / (51165 - 4478)").expect("a number").map(|n| n[..7].to_owned()).as_deref(), Some("133.405"));
        assert_eq!(reckon("1 - -2 * 3").expect("a number").as_deref(), Some("7"));
        assert_eq!(reckon("{held} - {blank}").expect("nothing"), None);
        assert!(matches!(reckon("{held} / (1 - 1)"), Err(Wrong::DivisionByZero(None))));
        for (wrong, at) in [("1 +", 3), ("(1", 2), ("{a", 1), ("1 2", 2), ("", 0)] {
            assert_eq!(formula(wrong, &mut |_| ()).map(|_| ()).map_err(|e| e.0), Err(at), "{wrong}");
        }
    }
}
