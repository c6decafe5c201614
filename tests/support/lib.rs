//! What the suites share: stores, servers, clients, clocks driven by hand.
