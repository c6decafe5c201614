//! The optimiser as a whole: exact on what can be told exactly, and never against a rule. `bench.py` beside it measures.

mod exact;
mod properties;
