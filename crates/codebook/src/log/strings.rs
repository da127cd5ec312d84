//! Texts kept one after another and called by number, and what makes short ones quick to compare.

/// Strings one after another; number to string.
#[derive(Clone, Debug, Default)]
pub(super) struct Strings {
    pub(super) bytes: String,
    len: usize,
    /// Length of every string, as long as all have one length: registers number their entries so, and their ends need not be kept.
    width: usize,
    /// Where each string ends; empty as long as all have one length.
    ends: Vec<u32>,
}

impl Strings {
    #[inline]
    pub(super) fn push(&mut self, text: &str) -> u32 {
        if self.len == 0 {
            self.width = text.len();
        } else if self.ends.is_empty() && text.len() != self.width {
            self.ends.extend((1..=self.len).map(|count| (count * self.width) as u32));
        }
        self.bytes.push_str(text);
        let end = u32::try_from(self.bytes.len()).expect("a log's ids stay under 4 GiB");
        if text.len() != self.width || !self.ends.is_empty() {
            self.ends.push(end);
        }
        self.len += 1;
        (self.len - 1) as u32
    }
    #[inline]
    fn place(&self, number: u32) -> std::ops::Range<usize> {
        let number = number as usize;
        if self.ends.is_empty() {
            return number * self.width..(number + 1) * self.width;
        }
        let start = if number == 0 { 0 } else { self.ends[number - 1] as usize };
        start..self.ends[number] as usize
    }
    pub(super) fn get(&self, number: u32) -> &str {
        &self.bytes[self.place(number)]
    }
    /// The same without asking whether letters begin and end there.
    #[inline]
    pub(super) fn raw(&self, number: u32) -> &[u8] {
        &self.bytes.as_bytes()[self.place(number)]
    }
    /// Its first and last letter, as a number.
    #[inline]
    pub(super) fn touch(&self, number: u32) -> usize {
        let place = self.place(number);
        let letter = |at: usize| self.bytes.as_bytes().get(at).map_or(0, |letter| usize::from(*letter));
        letter(place.start) + letter(place.end.wrapping_sub(1))
    }
    pub(super) fn len(&self) -> usize {
        self.len
    }
}

/// Whether one id stands before another, by bytes; most have eight to sixteen letters, and as many as the one before, and need no loop.
#[inline]
#[must_use]
pub fn is_less(one: &[u8], other: &[u8]) -> bool {
    if one.len() == other.len()
        && one.len() <= 16
        && let (Some(a), Some(b), Some(c), Some(d)) = (one.first_chunk(), one.last_chunk(), other.first_chunk(), other.last_chunk())
    {
        // The last eight may begin among the first eight; where those are equal, so are these.
        return (u64::from_be_bytes(*a), u64::from_be_bytes(*b)) < (u64::from_be_bytes(*c), u64::from_be_bytes(*d));
    }
    one < other
}

/// Whether two texts are the same; short ones by their first and their last letters, which needs no loop.
#[inline]
#[must_use]
pub fn is_same(one: &[u8], other: &[u8]) -> bool {
    match one.len() {
        length if length != other.len() => false,
        8..=16 => one.first_chunk::<8>() == other.first_chunk() && one.last_chunk::<8>() == other.last_chunk(),
        4..8 => one.first_chunk::<4>() == other.first_chunk() && one.last_chunk::<4>() == other.last_chunk(),
        _ => one == other,
    }
}
