use proptest::prelude::*;

use super::*;

/// Second by second.
struct Oracle(Vec<bool>);

const END: Seconds = 60;

impl Oracle {
    fn of(intervals: &[(Seconds, Seconds)]) -> Self {
        Self((0..END).map(|at| intervals.iter().any(|(start, end)| (*start..*end).contains(&at))).collect())
    }

    fn open(&self, at: Seconds) -> bool {
        usize::try_from(at).is_ok_and(|at| self.0.get(at) == Some(&true))
    }

    fn count(&self, seconds: std::ops::Range<Seconds>) -> Seconds {
        seconds.map(|at| Seconds::from(self.open(at))).sum()
    }

    fn finish(&self, start: Seconds, work: Seconds) -> Option<Seconds> {
        (start..=END).find(|end| self.count(start..*end) == work)
    }

    fn begin(&self, end: Seconds, work: Seconds) -> Option<Seconds> {
        (0..=end).rev().find(|start| self.count(*start..end) == work)
    }
}

fn intervals() -> impl Strategy<Value = Vec<(Seconds, Seconds)>> {
    prop::collection::vec((0..END, 0..15_i64).prop_map(|(start, length)| (start, (start + length).min(END))), 0..6)
}

proptest! {
    #[test]
    fn every_answer_is_that_of_counting_seconds(given in intervals(), at in 0..END, work in 0..40_i64, to in 0..END) {
        let (calendar, oracle) = (Calendar::new(given.clone()).unwrap(), Oracle::of(&given));
        prop_assert_eq!(calendar.is_open(at), oracle.open(at));
        prop_assert_eq!(calendar.next_open(at), (at..END).find(|at| oracle.open(*at)));
        prop_assert_eq!(calendar.work_between(at, to), oracle.count(at..to));
        prop_assert_eq!(calendar.finish(at, work), oracle.finish(at, work));
        prop_assert_eq!(calendar.begin(at, work), oracle.begin(at, work));
    }

    #[test]
    fn both_and_without_are_second_by_second(one in intervals(), other in intervals()) {
        let (here, there) = (Calendar::new(one.clone()).unwrap(), Calendar::new(other.clone()).unwrap());
        let (a, b) = (Oracle::of(&one), Oracle::of(&other));
        let (both, without) = (here.intersect(&there), here.without(&there));
        for at in 0..END {
            prop_assert_eq!(both.is_open(at), a.open(at) && b.open(at));
            prop_assert_eq!(without.is_open(at), a.open(at) && !b.open(at));
        }
        prop_assert!(without.intervals().zip(without.intervals().skip(1)).all(|(first, next)| first.1 < next.0));
    }
}

#[test]
fn an_interval_backwards_or_beyond_all_years_is_refused() {
    assert_eq!(Calendar::new(vec![(5, 3)]), Err(NoInterval { start: 5, end: 3 }));
    assert_eq!(Calendar::new(vec![(0, i64::MAX)]), Err(NoInterval { start: 0, end: i64::MAX }));
}

#[test]
fn always_is_always() {
    let always = Calendar::always();
    assert_eq!(always.finish(1_000, 500), Some(1_500));
    assert_eq!(always.begin(1_000, 500), Some(500));
    assert_eq!(always.without(&Calendar::new(vec![(100, 200)]).unwrap()).finish(50, 100), Some(250));
}
