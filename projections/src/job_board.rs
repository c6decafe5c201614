//! job_board.
