//! Read models: pure folds from events to rows, and the questions asked of them. Named after what people see.

pub mod activity_log;
pub mod company;
pub mod job_board;
pub mod job_detail;
pub mod machine_board;
pub mod operator_day;
pub mod operators;
pub mod projection;
pub mod shop_totals;
pub mod timesheet;
pub mod views;
pub mod work_center_board;
