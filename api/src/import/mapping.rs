//! Which column (or XES attribute) holds what, and how its words are to be read.

use std::path::Path;

use domain::jobs::operation::Phase;
use serde::Deserialize;

use super::ImportError;

/// What an event log tells in one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The work order: becomes the job's number.
    Case,
    /// What was done: becomes the operation and its work center.
    Activity,
    /// Who did it: becomes the operator.
    Resource,
    /// From when.
    Start,
    /// Until when.
    Complete,
    /// How many came out well.
    Completed,
    /// How many were lost.
    Rejected,
    /// How many are held for review.
    Held,
    /// Setup, run or break.
    ReportType,
    /// Whether it was work on pieces made before.
    Rework,
}

impl Field {
    /// All of them; a field's place here is its place in a row.
    pub const ALL: [Self; 10] = [
        Self::Case,
        Self::Activity,
        Self::Resource,
        Self::Start,
        Self::Complete,
        Self::Completed,
        Self::Rejected,
        Self::Held,
        Self::ReportType,
        Self::Rework,
    ];

    /// Its name in a mapping file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Activity => "activity",
            Self::Resource => "resource",
            Self::Start => "start",
            Self::Complete => "complete",
            Self::Completed => "completed",
            Self::Rejected => "rejected",
            Self::Held => "held",
            Self::ReportType => "report_type",
            Self::Rework => "rework",
        }
    }

    /// A log without it tells nothing.
    pub const fn required(self) -> bool {
        matches!(self, Self::Case | Self::Activity | Self::Resource | Self::Start | Self::Complete)
    }

    const fn csv_column(self) -> &'static str {
        match self {
            Self::Case => "case_id",
            Self::Completed => "qty_completed",
            Self::Rejected => "qty_rejected",
            Self::Held => "qty_mrb",
            other => other.name(),
        }
    }

    const fn xes_attribute(self) -> &'static str {
        match self {
            Self::Case | Self::Activity => "concept:name",
            Self::Resource => "org:resource",
            Self::Start | Self::Complete => "time:timestamp",
            other => other.csv_column(),
        }
    }
}

/// Columns, words and formats of one log.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// Column names; the default's where absent.
    pub columns: Columns,
    /// What separates columns; found out when absent.
    pub delimiter: Option<char>,
    /// How times are written (as `strftime` says it); ISO 8601 when absent.
    pub time_format: Option<String>,
    /// The words of the report type.
    pub report_types: ReportTypes,
    /// The words that mean rework; `Y` when absent.
    pub rework_words: Option<Vec<String>>,
}

/// Names of the columns.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Columns {
    /// Of the case.
    pub case: Option<String>,
    /// Of the activity.
    pub activity: Option<String>,
    /// Of the resource.
    pub resource: Option<String>,
    /// Of the start.
    pub start: Option<String>,
    /// Of the end.
    pub complete: Option<String>,
    /// Of the good quantity.
    pub completed: Option<String>,
    /// Of the lost quantity.
    pub rejected: Option<String>,
    /// Of the held quantity.
    pub held: Option<String>,
    /// Of the report type.
    pub report_type: Option<String>,
    /// Of the rework flag.
    pub rework: Option<String>,
}

/// Words of the report type.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReportTypes {
    /// Making ready.
    pub setup: Vec<String>,
    /// Making; also what an empty cell means.
    pub run: Vec<String>,
    /// Neither.
    #[serde(rename = "break")]
    pub pause: Vec<String>,
}

impl Default for ReportTypes {
    fn default() -> Self {
        let words = |word: &str| vec![word.to_owned()];
        Self { setup: words("S"), run: words("D"), pause: words("B") }
    }
}

impl Columns {
    /// The place of one field's name.
    pub fn slot(&mut self, field: Field) -> &mut Option<String> {
        match field {
            Field::Case => &mut self.case,
            Field::Activity => &mut self.activity,
            Field::Resource => &mut self.resource,
            Field::Start => &mut self.start,
            Field::Complete => &mut self.complete,
            Field::Completed => &mut self.completed,
            Field::Rejected => &mut self.rejected,
            Field::Held => &mut self.held,
            Field::ReportType => &mut self.report_type,
            Field::Rework => &mut self.rework,
        }
    }

    /// The name that was given for a field.
    pub fn given(&self, field: Field) -> Option<String> {
        self.clone().slot(field).take()
    }
}

impl Mapping {
    /// Reads a mapping file (TOML).
    pub fn read(path: &Path) -> Result<Self, ImportError> {
        let bad = |reason: String| ImportError::Mapping { file: path.display().to_string(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| bad(error.to_string()))?;
        toml::from_str(&text).map_err(|error| bad(error.message().to_owned()))
    }

    /// The column of a field, and whether somebody named it.
    pub fn column(&self, field: Field) -> (String, bool) {
        self.columns.given(field).map_or_else(|| (field.csv_column().to_owned(), false), |name| (name, true))
    }

    /// The XES attribute of a field.
    pub fn attribute(&self, field: Field) -> String {
        self.columns.given(field).unwrap_or_else(|| field.xes_attribute().to_owned())
    }

    /// What a report type means.
    pub fn phase(&self, word: &str) -> Option<Phase> {
        let among = |words: &[String]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
        if word.is_empty() || among(&self.report_types.run) {
            Some(Phase::Run)
        } else if among(&self.report_types.setup) {
            Some(Phase::Setup)
        } else if among(&self.report_types.pause) {
            Some(Phase::Break)
        } else {
            None
        }
    }

    /// What the rework flag means: empty and `N` are no, the words for rework are yes, anything else is unknown.
    pub fn rework(&self, word: &str) -> Option<bool> {
        let yes = self
            .rework_words
            .as_deref()
            .map_or(word.eq_ignore_ascii_case("Y"), |words| words.iter().any(|known| known.eq_ignore_ascii_case(word)));
        match word {
            _ if yes => Some(true),
            "" | "N" | "n" => Some(false),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_mapping_file_is_enough() {
        let mapping: Mapping = toml::from_str("delimiter = \";\"\n[columns]\ncase = \"Order\"\n").unwrap();
        assert_eq!(mapping.column(Field::Case), ("Order".to_owned(), true));
        assert_eq!(mapping.column(Field::Start), ("start".to_owned(), false));
        assert_eq!(mapping.delimiter, Some(';'));
        assert_eq!(mapping.phase("S"), Some(Phase::Setup));
    }

    #[test]
    fn an_unknown_key_in_a_mapping_file_is_an_error() {
        assert!(toml::from_str::<Mapping>("[columns]\nworker = \"Who\"\n").is_err());
    }

    #[test]
    fn words_that_mean_nothing_are_not_guessed() {
        let mapping = Mapping::default();
        assert_eq!(mapping.phase("X"), None);
        assert_eq!(mapping.rework("maybe"), None);
        assert_eq!(mapping.rework(""), Some(false));
        assert_eq!(mapping.rework("Y"), Some(true));
    }
}
