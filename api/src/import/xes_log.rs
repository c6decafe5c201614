//! XES (IEEE 1849), the XML form of event logs: traces of events with keyed attributes; a `start` and the `complete` that
//! follows it are one interval.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use uuid::Uuid;

use super::ImportError;
use super::mapping::{Field, Mapping};
use super::report::Refused;
use super::row::{LogReader, Next, RawRow};

const CASE: &str = "concept:name";
const LIFECYCLE: &str = "lifecycle:transition";
const INSTANCE: &str = "concept:instance";

type Attributes = HashMap<String, String>;

/// An XES file that is read event by event.
pub struct XesLog {
    reader: Reader<BufReader<Box<dyn Read + Send>>>,
    buffer: Vec<u8>,
    attributes: [String; Field::ALL.len()],
    trace: Option<Attributes>,
    event: Option<Attributes>,
    depth: usize,
    has_traces: bool,
    count: u64,
    started: HashMap<(String, String, String), Vec<(u64, String)>>,
    left_open: Vec<u64>,
}

impl XesLog {
    /// Opens a file.
    pub fn open(path: &Path, mapping: &Mapping) -> Result<Self, ImportError> {
        let file = path.display().to_string();
        let input = File::open(path)
            .map_err(|error| ImportError::Unreadable { file: file.clone(), reason: error.to_string() })?;
        if input.metadata().is_ok_and(|facts| facts.len() == 0) {
            return Err(ImportError::Empty(file));
        }
        Ok(Self::new(Box::new(input), mapping))
    }

    /// Reads from anything.
    pub fn new(input: Box<dyn Read + Send>, mapping: &Mapping) -> Self {
        Self {
            reader: Reader::from_reader(BufReader::new(input)),
            buffer: Vec::new(),
            attributes: Field::ALL.map(|field| mapping.attribute(field)),
            trace: None,
            event: None,
            depth: 0,
            has_traces: false,
            count: 0,
            started: HashMap::new(),
            left_open: Vec::new(),
        }
    }

    fn broken(&self, reason: &(impl ToString + ?Sized)) -> ImportError {
        ImportError::Xml { event: self.count, reason: reason.to_string() }
    }

    /// Takes one piece of XML; a finished event comes back with its attributes.
    fn step(&mut self) -> Result<Step, ImportError> {
        self.buffer.clear();
        let mut buffer = std::mem::take(&mut self.buffer);
        let piece = self.reader.read_event_into(&mut buffer).map_err(|error| self.broken(&error))?;
        let step = match piece {
            Event::Start(tag) => self.open_tag(&tag)?,
            Event::Empty(tag) => {
                self.attribute(&tag)?;
                Step::On
            }
            Event::End(tag) => self.close_tag(tag.name().as_ref()),
            Event::Eof if self.trace.is_some() => {
                return Err(self.broken("it ends in the middle of a trace"));
            }
            Event::Eof if !self.has_traces => return Err(ImportError::NoTraces),
            Event::Eof => Step::End,
            _ => Step::On,
        };
        self.buffer = buffer;
        Ok(step)
    }

    fn open_tag(&mut self, tag: &BytesStart<'_>) -> Result<Step, ImportError> {
        match tag.local_name().as_ref() {
            "trace" => {
                self.has_traces = true;
                self.trace = Some(Attributes::new());
                self.depth = 0;
            }
            "event" => {
                self.event = Some(Attributes::new());
                self.depth = 0;
            }
            _ => {
                self.attribute(tag)?;
                self.depth += 1;
            }
        }
        Ok(Step::On)
    }

    fn close_tag(&mut self, name: &str) -> Step {
        match name {
            "event" => self.event.take().map_or(Step::On, Step::Event),
            "trace" => {
                self.trace = None;
                self.left_open = self.started.drain().flat_map(|(_, starts)| starts).map(|(row, _)| row).collect();
                self.left_open.sort_unstable_by(|one, other| other.cmp(one));
                Step::On
            }
            _ => {
                self.depth = self.depth.saturating_sub(1);
                Step::On
            }
        }
    }

    /// Keeps a keyed attribute of the event, or of the trace; nested ones are none of ours.
    fn attribute(&mut self, tag: &BytesStart<'_>) -> Result<(), ImportError> {
        let read = |name: &str| -> Result<Option<String>, String> {
            let found = tag.try_get_attribute(name).map_err(|error| error.to_string())?;
            let value =
                found.map(|found| found.normalized_value(XmlVersion::Implicit1_0).map(std::borrow::Cow::into_owned));
            value.transpose().map_err(|error| error.to_string())
        };
        let pair = read("key").and_then(|key| Ok(key.zip(read("value")?)));
        let Some((key, value)) = pair.map_err(|error| self.broken(&error))? else { return Ok(()) };
        if self.depth == 0
            && let Some(holder) = self.event.as_mut().or(self.trace.as_mut())
        {
            holder.insert(key, value);
        }
        Ok(())
    }

    /// The row that an event completes; `None` for a start, whose end is still to come.
    fn complete(&mut self, event: &Attributes) -> Option<RawRow> {
        let get = |name: &str| event.get(name).cloned().unwrap_or_default();
        let attribute = |field: Field| get(&self.attributes[field as usize]);
        let work = (attribute(Field::Activity), attribute(Field::Resource), get(INSTANCE));
        let instant = attribute(Field::Complete);
        if get(LIFECYCLE).eq_ignore_ascii_case("start") {
            self.started.entry(work).or_default().push((self.count, instant));
            return None;
        }
        let mut cells: [String; Field::ALL.len()] = Field::ALL.map(attribute);
        let own_start = self.attributes[Field::Start as usize] != self.attributes[Field::Complete as usize];
        if !own_start {
            let started = self.started.get_mut(&work).filter(|starts| !starts.is_empty());
            cells[Field::Start as usize] = started.map_or(instant, |starts| starts.remove(0).1);
        }
        let case = &self.attributes[Field::Case as usize];
        let trace = self.trace.as_ref();
        let named = trace.and_then(|trace| trace.get(case).or_else(|| trace.get(CASE)));
        cells[Field::Case as usize] = named.cloned().unwrap_or_default();
        let fingerprint = Uuid::new_v5(&Uuid::NAMESPACE_OID, cells.join("\u{1f}").as_bytes());
        Some(RawRow { row: self.count, cells, fingerprint })
    }
}

enum Step {
    On,
    Event(Attributes),
    End,
}

impl LogReader for XesLog {
    fn next(&mut self) -> Result<Next, ImportError> {
        loop {
            if let Some(row) = self.left_open.pop() {
                let reason = "the work was started and never completed".to_owned();
                return Ok(Next::Defect(Refused { row, column: Some(LIFECYCLE.to_owned()), reason }));
            }
            match self.step()? {
                Step::On => {}
                Step::End => return Ok(Next::End),
                Step::Event(event) => {
                    self.count += 1;
                    let skipped = event.get(LIFECYCLE).is_some_and(|word| !is_start_or_complete(word));
                    if !skipped && let Some(row) = self.complete(&event) {
                        return Ok(Next::Row(row));
                    }
                }
            }
        }
    }

    fn column(&self, field: Field) -> String {
        self.attributes[field as usize].clone()
    }
}

fn is_start_or_complete(word: &str) -> bool {
    word.eq_ignore_ascii_case("start") || word.eq_ignore_ascii_case("complete")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = r#"<?xml version="1.0"?><log><extension name="Concept"/><string key="concept:name" value="shop"/>
        <trace><string key="concept:name" value="Case1"/>
          <event><string key="concept:name" value="Turn &amp; mill"><string key="concept:name" value="nested"/></string>
            <string key="org:resource" value="A"/><string key="lifecycle:transition" value="start"/>
            <date key="time:timestamp" value="2012-01-02T07:00:00+02:00"/></event>
          <event><string key="concept:name" value="Turn &amp; mill"/><string key="org:resource" value="A"/>
            <string key="lifecycle:transition" value="complete"/><int key="qty_completed" value="5"/>
            <date key="time:timestamp" value="2012-01-02T08:00:00+02:00"/></event>
          <event><string key="concept:name" value="Pack"/><string key="org:resource" value="B"/>
            <string key="lifecycle:transition" value="start"/><date key="time:timestamp" value="2012-01-02T09:00:00+02:00"/></event>
        </trace><string key="after" value="it"/></log>"#;

    fn read(text: &'static str) -> Vec<Result<Next, ImportError>> {
        let mut log = XesLog::new(Box::new(text.as_bytes()), &Mapping::default());
        let mut all = Vec::new();
        loop {
            all.push(log.next());
            if !matches!(all.last(), Some(Ok(Next::Row(_) | Next::Defect(_)))) {
                return all;
            }
        }
    }

    #[test]
    fn a_start_and_its_complete_are_one_row() {
        let all = read(LOG);
        let Ok(Next::Row(row)) = &all[0] else { panic!("{:?}", all[0]) };
        assert_eq!(row.cell(Field::Case), "Case1");
        assert_eq!(row.cell(Field::Activity), "Turn & mill");
        assert_eq!(row.cell(Field::Start), "2012-01-02T07:00:00+02:00");
        assert_eq!(row.cell(Field::Complete), "2012-01-02T08:00:00+02:00");
        assert_eq!(row.cell(Field::Completed), "5");
    }

    #[test]
    fn a_start_without_complete_is_refused_by_its_number() {
        let all = read(LOG);
        assert!(matches!(&all[1], Ok(Next::Defect(refused)) if refused.row == 3));
        assert!(matches!(&all[2], Ok(Next::End)));
    }

    #[test]
    fn other_xml_and_a_log_without_traces_are_no_logs() {
        for text in ["<html><body>hello</body></html>", "<log></log>", "just words"] {
            assert!(matches!(read(text).as_slice(), [Err(ImportError::NoTraces)]), "{text}");
        }
    }

    #[test]
    fn a_file_that_ends_too_early_is_an_error() {
        let all = read(LOG.split_at(LOG.len() - 60).0);
        assert!(matches!(all.last(), Some(Err(ImportError::Xml { .. }))));
    }
}
