//! What somebody can work out who has the published numbers: the interval in which each withheld count can lie.
//!
//! Bounds are pushed through the additions until nothing moves; for tables of three dimensions and more a linear programme
//! (`simplex`) narrows them further, since additions there hang together in rings that bounds alone do not see.

use super::simplex;
use super::system::{Line, System};

/// Greater than every count.
pub const NO_END: i64 = 1_000_000_000_000;

/// Components larger than this are not given to the linear programme.
const LARGEST_PROGRAMME: usize = 40;

/// Smallest and greatest possible value of each count.
pub type Intervals = Vec<(i64, i64)>;

/// What an onlooker knows beyond the printed numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Knows<'k> {
    /// A small count lies between one and one less than this, and the onlooker sees which cells are marked so.
    pub small_below: Option<(i64, &'k [bool])>,
    /// A cell known from inside, by the person in it.
    pub inside: Option<usize>,
}

/// The interval of each count, the withheld ones as wide as the additions leave them. Additions that do not come out are no help to
/// anybody, and are not used.
#[must_use]
pub fn intervals(system: &System, withheld: &[bool], knows: Knows<'_>) -> Intervals {
    let known = |place: usize| !withheld[place] || knows.inside == Some(place);
    let mut bounds: Intervals = (0..system.counts.len())
        .map(|place| {
            let value = i64::try_from(system.counts[place]).unwrap_or(NO_END);
            match knows.small_below {
                _ if known(place) => (value, value),
                Some((limit, small)) if small[place] => (1, limit - 1),
                Some(_) | None => (0, NO_END),
            }
        })
        .collect();
    let lines: Vec<&Line> = system.lines.iter().filter(|line| system.comes_out(line)).collect();
    let open: Vec<&Line> = lines.into_iter().filter(|l| !known(l.whole) || l.parts.iter().any(|p| !known(*p))).collect();
    propagate(&open, &mut bounds);
    if system.deep {
        for component in components(&open, &bounds) {
            simplex::narrow(&open, &component, &mut bounds);
        }
        propagate(&open, &mut bounds);
    }
    bounds
}

/// Pushes bounds through additions until nothing moves.
fn propagate(lines: &[&Line], bounds: &mut Intervals) {
    for _ in 0..200 {
        let mut moved = false;
        for line in lines {
            let least: i64 = line.parts.iter().map(|p| bounds[*p].0).sum();
            let most: i64 = line.parts.iter().map(|p| bounds[*p].1).sum::<i64>().min(NO_END);
            moved |= tighten(&mut bounds[line.whole], least, most);
            let (whole_least, whole_most) = bounds[line.whole];
            let sum_least: i64 = least;
            let sum_most: i64 = line.parts.iter().map(|p| bounds[*p].1).sum();
            for part in &line.parts {
                let (own_least, own_most) = bounds[*part];
                let least = if sum_most >= NO_END && own_most < NO_END { 0 } else { whole_least - (sum_most - own_most) };
                let most = whole_most - (sum_least - own_least);
                moved |= tighten(&mut bounds[*part], if sum_most - own_most >= NO_END { 0 } else { least }, most);
            }
        }
        if !moved {
            return;
        }
    }
}

fn tighten(bound: &mut (i64, i64), least: i64, most: i64) -> bool {
    let next = (bound.0.max(least), bound.1.min(most));
    if next == *bound || next.0 > next.1 {
        return false;
    }
    *bound = next;
    true
}

/// Unknown counts that hang together, each component small enough for a linear programme.
fn components(lines: &[&Line], bounds: &Intervals) -> Vec<Vec<usize>> {
    let unknown = |place: &usize| bounds[*place].0 != bounds[*place].1;
    let mut group: Vec<usize> = (0..bounds.len()).collect();
    fn root(group: &[usize], mut place: usize) -> usize {
        while group[place] != place {
            place = group[place];
        }
        place
    }
    for line in lines {
        let members: Vec<usize> = line.parts.iter().chain([&line.whole]).copied().filter(unknown).collect();
        for pair in members.windows(2) {
            let (a, b) = (root(&group, pair[0]), root(&group, pair[1]));
            group[a.max(b)] = a.min(b);
        }
    }
    let mut found: Vec<Vec<usize>> = vec![Vec::new(); bounds.len()];
    for place in (0..bounds.len()).filter(unknown) {
        found[root(&group, place)].push(place);
    }
    found.retain(|component| component.len() > 1 && component.len() <= LARGEST_PROGRAMME);
    found
}
