//! `bench`: parts by name, each prints its figures beside the peer's or the limit's of the same run.

fn main() {}
