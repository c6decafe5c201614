//! kilter
fn main() {}
