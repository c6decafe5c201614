//! The words of all letters, a file for each language. Every letter has its words in each, or it does not compile.

pub(super) mod english;
pub(super) mod estonian;
pub(super) mod german;
pub(super) mod spanish;
