//! machine_board.
