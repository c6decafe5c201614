//! data_folder.
