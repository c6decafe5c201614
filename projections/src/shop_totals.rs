//! shop_totals.
