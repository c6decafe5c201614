//! job_detail.
