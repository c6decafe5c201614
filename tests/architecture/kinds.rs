//! Which kinds of streams each projection folds, in each of its versions. A node of an older release passes over streams of kinds
//! that it does not know; the rows that it leads hold nothing of them. So what folds a new kind is another version, which only
//! newer nodes lead: this is held here.

use std::collections::BTreeSet;
use std::fs;

use domain::ports::{Codec, Recorded};
use projections::projection::Projection;
use projections::{Visitor, visit_all};
use tests::golden::{assert_golden, workspace_root};

use crate::events::{codec, samples, stored};

const GOLDEN: &str = "kinds-of-projections.txt";

/// A sample of every event in every version.
struct Kinds {
    samples: Vec<Recorded>,
    lines: BTreeSet<String>,
}

impl Visitor for Kinds {
    fn visit<P: Projection>(&mut self) {
        let folded = self.samples.iter().filter(|event| !P::keys(event).is_empty());
        let kinds: BTreeSet<&str> = folded.map(|event| event.envelope.stream.kind.as_str()).collect();
        let kinds = kinds.into_iter().collect::<Vec<_>>().join(" ");
        self.lines.insert(format!("{} v{}: {kinds}", P::NAME, P::VERSION));
    }
}

#[test]
fn kinds_of_projections_are_golden_and_a_new_kind_raises_the_version() {
    let codec = codec();
    let read = |(name, version, body): (String, u16, String)| {
        codec.decode(&stored(&name, version, &body)).expect("every sample is read")
    };
    let mut kinds = Kinds { samples: samples().into_iter().map(read).collect(), lines: BTreeSet::new() };
    visit_all(&mut kinds);
    let committed = fs::read_to_string(workspace_root().join("tests/goldens").join(GOLDEN)).unwrap_or_default();
    let committed: BTreeSet<String> = committed.lines().map(str::to_owned).collect();
    for line in &kinds.lines {
        let (version, now) = line.split_once(':').expect("a line says which kinds");
        let was = committed.iter().find_map(|line| line.strip_prefix(version)?.strip_prefix(':'));
        assert!(
            was.is_none_or(|was| was == now),
            "{version} folds other kinds of streams than it did: raise its VERSION, since older nodes lead this one and pass \
             over streams of kinds that they do not know"
        );
    }
    // Older versions stay: nothing may ever be them again.
    let all: Vec<String> = committed.union(&kinds.lines).map(|line| format!("{line}\n")).collect();
    assert_golden(GOLDEN, &all.concat());
}
