//! Work centers and machines.
pub mod changeover;
pub mod machine;
pub mod maintenance;
pub mod tool;
pub mod work_center;
