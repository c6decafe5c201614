//! Work centers and machines.
pub mod machine;
pub mod work_center;
