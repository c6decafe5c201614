//! CSV as it comes out of real systems: BOM, any line end, any of four delimiters, quotes, ragged rows, broken text.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use csv::{ByteRecord, Reader, ReaderBuilder};
use uuid::Uuid;

use super::ImportError;
use super::mapping::{Field, Mapping};
use super::report::Refused;
use super::row::{LogReader, Next, RawRow};

const MOST_COLUMNS: usize = 1_000;
const MOST_ROW_BYTES: usize = 1 << 20;
const HEAD_BYTES: usize = 64 << 10;
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

type Input = BufReader<Box<dyn Read + Send>>;

/// A CSV file that is read row by row.
pub struct CsvLog {
    reader: Reader<Rationed<Input>>,
    ration: Arc<AtomicUsize>,
    header: Vec<String>,
    places: [Option<usize>; Field::ALL.len()],
    record: ByteRecord,
    line_end: LineEnd,
    last_row: u64,
}

impl CsvLog {
    /// Opens a file and finds the mapping's columns in its header.
    pub fn open(path: &Path, mapping: &Mapping) -> Result<Self, ImportError> {
        let file = path.display().to_string();
        match File::open(path) {
            Ok(input) => Self::new(&file, Box::new(input), mapping),
            Err(error) => Err(ImportError::Unreadable { file, reason: error.to_string() }),
        }
    }

    /// Reads from anything; `file` is what it is called in errors.
    pub fn new(file: &str, input: Box<dyn Read + Send>, mapping: &Mapping) -> Result<Self, ImportError> {
        let unreadable =
            |error: io::Error| ImportError::Unreadable { file: file.to_owned(), reason: error.to_string() };
        let mut input = BufReader::with_capacity(HEAD_BYTES, input);
        let head = input.fill_buf().map_err(unreadable)?;
        check_head(file, head)?;
        let delimiter = mapping.delimiter.and_then(|c| u8::try_from(c).ok()).unwrap_or_else(|| guess_delimiter(head));
        let line_end = LineEnd::of(head);
        if head.starts_with(b"\xEF\xBB\xBF") {
            input.consume(3);
        }
        let ration = Arc::new(AtomicUsize::new(MOST_ROW_BYTES));
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(Rationed { inner: input, left: Arc::clone(&ration) });
        let mut log = Self {
            reader,
            ration,
            header: Vec::new(),
            places: [None; Field::ALL.len()],
            record: ByteRecord::new(),
            line_end,
            last_row: 0,
        };
        log.read_header(file, mapping)?;
        Ok(log)
    }

    fn read_header(&mut self, file: &str, mapping: &Mapping) -> Result<(), ImportError> {
        if !self.read_record()? {
            return Err(ImportError::Empty(file.to_owned()));
        }
        if self.record.len() > MOST_COLUMNS {
            return Err(ImportError::TooManyColumns { columns: self.record.len(), limit: MOST_COLUMNS });
        }
        self.header = self.record.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
        for field in Field::ALL {
            let (wanted, named) = mapping.column(field);
            let place = self.header.iter().position(|name| *name == wanted);
            if place.is_none() && (named || field.required()) {
                return Err(ImportError::NoSuchColumn { wanted, field: field.name(), there: self.header.join(", ") });
            }
            self.places[field as usize] = place;
        }
        Ok(())
    }

    fn read_record(&mut self) -> Result<bool, ImportError> {
        self.ration.store(MOST_ROW_BYTES, Ordering::Relaxed);
        let read = self.reader.read_byte_record(&mut self.record);
        let more = read.map_err(|error| match error.kind() {
            csv::ErrorKind::Io(io) if io.kind() == io::ErrorKind::FileTooLarge => {
                ImportError::RowTooLong { row: self.last_row + 1, limit: MOST_ROW_BYTES }
            }
            _ => ImportError::Unreadable { file: "the log".to_owned(), reason: error.to_string() },
        })?;
        if more {
            let line = self.record.position().map_or(0, csv::Position::line);
            self.last_row = match self.line_end {
                LineEnd::Lf => line,
                // The reader stands between CR and LF when it says where a record begins.
                LineEnd::CrLf => line + u64::from(self.last_row > 0),
                LineEnd::Cr => self.last_row + 1,
            };
        }
        Ok(more)
    }

    fn defect(&self, column: Option<&String>, reason: String) -> Next {
        Next::Defect(Refused { row: self.last_row, column: column.cloned(), reason })
    }

    fn fingerprint(&self) -> Uuid {
        let mut bytes = Vec::with_capacity(self.record.as_slice().len() + 4 * self.record.len());
        for cell in &self.record {
            bytes.extend_from_slice(&u32::try_from(cell.len()).unwrap_or(u32::MAX).to_le_bytes());
            bytes.extend_from_slice(cell);
        }
        Uuid::new_v5(&Uuid::NAMESPACE_OID, &bytes)
    }
}

impl LogReader for CsvLog {
    fn next(&mut self) -> Result<Next, ImportError> {
        if !self.read_record()? {
            return Ok(Next::End);
        }
        if self.record.len() != self.header.len() {
            let reason = format!("the row has {} columns, the header {}", self.record.len(), self.header.len());
            return Ok(self.defect(self.header.get(self.record.len()), reason));
        }
        let mut cells: [String; Field::ALL.len()] = Default::default();
        for (cell, place) in cells.iter_mut().zip(self.places) {
            let Some(place) = place else { continue };
            match self.record.get(place).map(str::from_utf8) {
                Some(Ok(text)) => text.clone_into(cell),
                Some(Err(_)) => return Ok(self.defect(self.header.get(place), "not UTF-8 text".to_owned())),
                None => {}
            }
        }
        Ok(Next::Row(RawRow { row: self.last_row, cells, fingerprint: self.fingerprint() }))
    }

    fn column(&self, field: Field) -> String {
        let place = self.places[field as usize].and_then(|place| self.header.get(place));
        place.cloned().unwrap_or_else(|| field.name().to_owned())
    }
}

/// How lines end, as far as the first one tells.
#[derive(Debug, Clone, Copy)]
enum LineEnd {
    Lf,
    CrLf,
    Cr,
}

impl LineEnd {
    fn of(head: &[u8]) -> Self {
        match head.iter().position(|byte| matches!(byte, b'\n' | b'\r')).map(|place| head.split_at(place).1) {
            Some([b'\r', b'\n', ..]) => Self::CrLf,
            Some([b'\r', ..]) => Self::Cr,
            _ => Self::Lf,
        }
    }
}

fn check_head(file: &str, head: &[u8]) -> Result<(), ImportError> {
    let not_text = |found| Err(ImportError::NotText { file: file.to_owned(), found });
    if head.is_empty() {
        Err(ImportError::Empty(file.to_owned()))
    } else if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") {
        not_text("it begins like UTF-16")
    } else if head.contains(&0) {
        not_text("it has NUL bytes")
    } else {
        Ok(())
    }
}

/// The delimiter that the first line has most of; a comma when it has none.
fn guess_delimiter(head: &[u8]) -> u8 {
    let line = head.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    #[expect(clippy::naive_bytecount, reason = "one line, once")]
    let count = |delimiter: u8| line.iter().filter(|byte| **byte == delimiter).count();
    DELIMITERS.into_iter().rev().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

/// Stops a single row from filling the memory.
struct Rationed<R> {
    inner: R,
    left: Arc<AtomicUsize>,
}

impl<R: Read> Read for Rationed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let left = self.left.load(Ordering::Relaxed);
        if count > left {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.left.store(left - count, Ordering::Relaxed);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "case_id,activity,resource,start,complete,qty_completed,qty_rejected,qty_mrb,report_type,rework\n";

    fn open(bytes: impl AsRef<[u8]>) -> Result<CsvLog, ImportError> {
        let bytes = bytes.as_ref().to_vec();
        CsvLog::new("log.csv", Box::new(io::Cursor::new(bytes)), &Mapping::default())
    }

    fn all(bytes: impl AsRef<[u8]>) -> Vec<Next> {
        let mut log = open(bytes).unwrap();
        let mut rows = Vec::new();
        loop {
            match log.next().unwrap() {
                Next::End => return rows,
                next => rows.push(next),
            }
        }
    }

    #[test]
    fn byte_order_mark_line_ends_and_delimiters_are_found_out() {
        let text = HEADER.replace(',', ";").replace('\n', "\r\n");
        let rows = all(format!("\u{feff}{text}C1;\"Turn; mill\";A;s;e;1;2;3;D;\r\n"));
        let [Next::Row(row)] = rows.as_slice() else { panic!("{rows:?}") };
        assert_eq!((row.row, row.cell(Field::Case), row.cell(Field::Activity)), (2, "C1", "Turn; mill"));
    }

    #[test]
    fn rows_are_numbered_by_their_line_whatever_ends_it() {
        for line_end in ["\n", "\r\n", "\r"] {
            let text = format!("{HEADER}C1,Turn,A,s,e,1,0,0,D,\nC2,Turn,A,s,e,1,0,0,D,\nC3,T,A,s,e,1,0,0,D,\n");
            let rows = all(text.replace('\n', line_end));
            let numbers: Vec<u64> =
                rows.iter().map(|next| if let Next::Row(row) = next { row.row } else { 0 }).collect();
            assert_eq!(numbers, [2, 3, 4], "{line_end:?}");
        }
    }

    #[test]
    fn a_row_cut_in_the_middle_is_refused_with_its_line_and_the_rest_is_read() {
        let rows = all(format!("{HEADER}C1,Turn,A,s,e,1,0,0,D,\nC1,Turn,A,s,"));
        assert!(matches!(&rows[0], Next::Row(row) if row.row == 2));
        assert!(
            matches!(&rows[1], Next::Defect(refused) if refused.row == 3 && refused.column.as_deref() == Some("qty_completed"))
        );
    }

    #[test]
    fn text_that_is_not_utf_8_is_refused_by_row_and_column() {
        let mut bytes = HEADER.as_bytes().to_vec();
        bytes.extend_from_slice(b"C1,Fr\xE4sen,A,s,e,1,0,0,D,\nC2,Turn,A,s,e,1,0,0,D,\n");
        let rows = all(bytes);
        assert!(
            matches!(&rows[0], Next::Defect(refused) if refused.row == 2 && refused.column.as_deref() == Some("activity"))
        );
        assert!(matches!(&rows[1], Next::Row(row) if row.row == 3));
    }

    #[test]
    fn what_is_no_log_is_a_typed_error() {
        assert!(matches!(open(""), Err(ImportError::Empty(_))));
        assert!(matches!(open(b"\xFF\xFEc\0"), Err(ImportError::NotText { .. })));
        assert!(matches!(open(b"\x7fELF\0\0"), Err(ImportError::NotText { .. })));
        assert!(matches!(open("a,b\n1,2\n"), Err(ImportError::NoSuchColumn { .. })));
        assert!(matches!(open("a,".repeat(2_000)), Err(ImportError::TooManyColumns { .. })));
        assert!(matches!(open("a,".repeat(1_000_000)), Err(ImportError::RowTooLong { row: 1, .. })));
    }

    #[test]
    fn a_quotation_mark_left_open_does_not_fill_the_memory() {
        let mut log = open(format!("{HEADER}\"{}", "x".repeat(4 << 20))).unwrap();
        assert!(matches!(log.next(), Err(ImportError::RowTooLong { .. })));
    }
}
