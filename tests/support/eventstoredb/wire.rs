//! The messages of the protocol that Kilter's client sends and takes, with the numbers of their fields as in the generated code of
//! the crate `eventstore`. What is in none of its questions is left out.

use std::collections::HashMap;

use bytes::Bytes;

/// An identity, as a text or in two halves.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Uuid {
    #[prost(oneof = "UuidValue", tags = "1, 2")]
    pub(super) value: Option<UuidValue>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(super) enum UuidValue {
    #[prost(message, tag = "1")]
    Structured(Structured),
    #[prost(string, tag = "2")]
    Text(String),
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(super) struct Structured {
    #[prost(int64, tag = "1")]
    most_significant_bits: i64,
    #[prost(int64, tag = "2")]
    least_significant_bits: i64,
}

impl Uuid {
    pub(super) fn of(id: uuid::Uuid) -> Self {
        Self { value: Some(UuidValue::Text(id.to_string())) }
    }

    pub(super) fn read(&self) -> uuid::Uuid {
        match &self.value {
            Some(UuidValue::Structured(halves)) => uuid::Uuid::from_u64_pair(
                halves.most_significant_bits.cast_unsigned(),
                halves.least_significant_bits.cast_unsigned(),
            ),
            Some(UuidValue::Text(text)) => text.parse().unwrap_or_default(),
            None => uuid::Uuid::nil(),
        }
    }
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StreamIdentifier {
    #[prost(bytes = "bytes", tag = "3")]
    stream_name: Bytes,
}

impl StreamIdentifier {
    pub(super) fn of(name: &str) -> Self {
        Self { stream_name: Bytes::copy_from_slice(name.as_bytes()) }
    }

    pub(super) fn name(&self) -> String {
        String::from_utf8_lossy(&self.stream_name).into_owned()
    }
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(super) struct Position {
    #[prost(uint64, tag = "1")]
    pub(super) commit_position: u64,
    #[prost(uint64, tag = "2")]
    pub(super) prepare_position: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ReadReq {
    #[prost(message, optional, tag = "1")]
    pub(super) options: Option<ReadOptions>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ReadOptions {
    /// 0 forwards, 1 backwards.
    #[prost(int32, tag = "3")]
    pub(super) read_direction: i32,
    #[prost(oneof = "What", tags = "1, 2")]
    pub(super) what: Option<What>,
    /// None for a subscription.
    #[prost(uint64, optional, tag = "5")]
    pub(super) count: Option<u64>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(super) enum What {
    #[prost(message, tag = "1")]
    Stream(StreamOptions),
    #[prost(message, tag = "2")]
    All(AllOptions),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StreamOptions {
    #[prost(message, optional, tag = "1")]
    pub(super) stream_identifier: Option<StreamIdentifier>,
    #[prost(oneof = "FromRevision", tags = "2, 3, 4")]
    pub(super) from: Option<FromRevision>,
}

#[derive(Clone, Copy, PartialEq, prost::Oneof)]
pub(super) enum FromRevision {
    #[prost(uint64, tag = "2")]
    Revision(u64),
    #[prost(message, tag = "3")]
    Start(()),
    #[prost(message, tag = "4")]
    End(()),
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(super) struct AllOptions {
    #[prost(oneof = "FromPosition", tags = "1, 2, 3")]
    pub(super) from: Option<FromPosition>,
}

#[derive(Clone, Copy, PartialEq, prost::Oneof)]
pub(super) enum FromPosition {
    #[prost(message, tag = "1")]
    Position(Position),
    #[prost(message, tag = "2")]
    Start(()),
    #[prost(message, tag = "3")]
    End(()),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ReadResp {
    #[prost(oneof = "Content", tags = "1, 4")]
    pub(super) content: Option<Content>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(super) enum Content {
    #[prost(message, tag = "1")]
    Event(ReadEvent),
    #[prost(message, tag = "4")]
    StreamNotFound(StreamNotFound),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ReadEvent {
    #[prost(message, optional, tag = "1")]
    pub(super) event: Option<RecordedEvent>,
    #[prost(uint64, optional, tag = "3")]
    pub(super) commit_position: Option<u64>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct RecordedEvent {
    #[prost(message, optional, tag = "1")]
    pub(super) id: Option<Uuid>,
    #[prost(message, optional, tag = "2")]
    pub(super) stream_identifier: Option<StreamIdentifier>,
    #[prost(uint64, tag = "3")]
    pub(super) stream_revision: u64,
    #[prost(uint64, tag = "4")]
    pub(super) prepare_position: u64,
    #[prost(uint64, tag = "5")]
    pub(super) commit_position: u64,
    #[prost(map = "string, string", tag = "6")]
    pub(super) metadata: HashMap<String, String>,
    #[prost(bytes = "bytes", tag = "7")]
    pub(super) custom_metadata: Bytes,
    #[prost(bytes = "bytes", tag = "8")]
    pub(super) data: Bytes,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StreamNotFound {
    #[prost(message, optional, tag = "1")]
    pub(super) stream_identifier: Option<StreamIdentifier>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct AppendReq {
    #[prost(oneof = "AppendContent", tags = "1, 2")]
    pub(super) content: Option<AppendContent>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(super) enum AppendContent {
    #[prost(message, tag = "1")]
    Options(ExpectedOptions),
    #[prost(message, tag = "2")]
    ProposedMessage(ProposedMessage),
}

/// Of appends, and of removals too.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ExpectedOptions {
    #[prost(message, optional, tag = "1")]
    pub(super) stream_identifier: Option<StreamIdentifier>,
    #[prost(oneof = "ExpectedRevision", tags = "2, 3, 4, 5")]
    pub(super) expected: Option<ExpectedRevision>,
}

#[derive(Clone, Copy, PartialEq, prost::Oneof)]
pub(super) enum ExpectedRevision {
    #[prost(uint64, tag = "2")]
    Revision(u64),
    #[prost(message, tag = "3")]
    NoStream(()),
    #[prost(message, tag = "4")]
    Any(()),
    #[prost(message, tag = "5")]
    StreamExists(()),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ProposedMessage {
    #[prost(message, optional, tag = "1")]
    pub(super) id: Option<Uuid>,
    #[prost(map = "string, string", tag = "2")]
    pub(super) metadata: HashMap<String, String>,
    #[prost(bytes = "bytes", tag = "3")]
    pub(super) custom_metadata: Bytes,
    #[prost(bytes = "bytes", tag = "4")]
    pub(super) data: Bytes,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct AppendResp {
    #[prost(oneof = "AppendResult", tags = "1, 2")]
    pub(super) result: Option<AppendResult>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(super) enum AppendResult {
    #[prost(message, tag = "1")]
    Success(Success),
    #[prost(message, tag = "2")]
    WrongExpectedVersion(WrongExpectedVersion),
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Success {
    #[prost(uint64, optional, tag = "1")]
    pub(super) current_revision: Option<u64>,
    #[prost(message, optional, tag = "3")]
    pub(super) position: Option<Position>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct WrongExpectedVersion {
    #[prost(uint64, optional, tag = "6")]
    pub(super) current_revision: Option<u64>,
    #[prost(message, optional, tag = "7")]
    pub(super) current_no_stream: Option<()>,
    #[prost(uint64, optional, tag = "8")]
    pub(super) expected_revision: Option<u64>,
    #[prost(message, optional, tag = "9")]
    pub(super) expected_any: Option<()>,
    #[prost(message, optional, tag = "10")]
    pub(super) expected_stream_exists: Option<()>,
    #[prost(message, optional, tag = "11")]
    pub(super) expected_no_stream: Option<()>,
}

/// Asks to remove a stream, for good or not.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct DeleteReq {
    #[prost(message, optional, tag = "1")]
    pub(super) options: Option<ExpectedOptions>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct DeleteResp {
    #[prost(message, optional, tag = "1")]
    pub(super) position: Option<Position>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct SupportedMethods {
    #[prost(string, tag = "2")]
    pub(super) event_store_server_version: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ClusterInfo {
    #[prost(message, repeated, tag = "1")]
    pub(super) members: Vec<MemberInfo>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct MemberInfo {
    #[prost(int32, tag = "3")]
    pub(super) state: i32,
    #[prost(bool, tag = "4")]
    pub(super) is_alive: bool,
    #[prost(message, optional, tag = "5")]
    pub(super) http_end_point: Option<EndPoint>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct EndPoint {
    #[prost(string, tag = "1")]
    pub(super) address: String,
    #[prost(uint32, tag = "2")]
    pub(super) port: u32,
}
