//! work_center_board.
