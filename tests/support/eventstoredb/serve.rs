//! The methods of the stand-in, and what goes wrong in them on purpose.
#![expect(clippy::result_large_err, reason = "errors of the protocol are as large as its library has them")]

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures_util::stream::{self, Stream, StreamExt};
use hyper::body::Incoming;
use socket2::Socket;
use tonic::body::BoxBody;
use tonic::codec::ProstCodec;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::server::Grpc;
use tonic::{Code, Request, Response, Status, Streaming};
use tower::service_fn;

use super::log::{Expected, From, Refused};
use super::wire::{
    AppendContent, AppendReq, AppendResp, AppendResult, ClusterInfo, Content, DeleteReq, DeleteResp, EndPoint,
    ExpectedOptions, ExpectedRevision, FromPosition, FromRevision, MemberInfo, Position, ProposedMessage, ReadEvent,
    ReadReq, ReadResp, RecordedEvent, StreamIdentifier, StreamNotFound, Success, SupportedMethods, What,
    WrongExpectedVersion,
};
use super::{Loss, Shared, Troubles, lock};

const VERSION: &str = "23.10.1.0";
const LEADER: i32 = 8;

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// What answers the questions of one connection.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) shared: Arc<Shared>,
    pub(super) socket: Arc<Socket>,
}

impl Service {
    pub(super) async fn answer(self, request: http::Request<Incoming>) -> Result<http::Response<BoxBody>, Infallible> {
        self.acknowledge();
        let method = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        lock(&self.shared.asked).push(method.clone());
        let troubles = self.troubles();
        if !troubles.pause.is_zero() {
            tokio::time::sleep(troubles.pause).await;
        }
        if request.uri().path().contains("Streams")
            && let Some(refusal) = refusal(&troubles, request.headers())
        {
            return Ok(refusal.into_http());
        }
        Ok(match method.as_str() {
            "Read" if request.uri().path().contains("Gossip") => {
                let service = service_fn(move |_: Request<()>| std::future::ready(Ok(self.members())));
                Grpc::new(ProstCodec::default()).unary(service, request).await
            }
            "Read" => {
                let service = service_fn(move |asked: Request<ReadReq>| std::future::ready(self.read(asked)));
                Grpc::new(ProstCodec::default()).server_streaming(service, request).await
            }
            "Append" => {
                let service = service_fn(move |asked| self.clone().append(asked));
                Grpc::new(ProstCodec::default()).client_streaming(service, request).await
            }
            "Delete" | "Tombstone" => {
                let for_good = method == "Tombstone";
                let service = service_fn(move |asked| std::future::ready(self.delete(asked, for_good)));
                Grpc::new(ProstCodec::default()).unary(service, request).await
            }
            "GetSupportedMethods" if !troubles.is_old => {
                let version = SupportedMethods { event_store_server_version: VERSION.to_owned() };
                let service = service_fn(move |_: Request<()>| std::future::ready(Ok(Response::new(version.clone()))));
                Grpc::new(ProstCodec::default()).unary(service, request).await
            }
            _ => Status::unimplemented("").into_http(),
        })
    }

    /// The client sends the second half of each question only once the first was acknowledged, which Linux delays by 40 ms.
    fn acknowledge(&self) {
        #[cfg(target_os = "linux")]
        drop(self.socket.set_tcp_quickack(true));
    }

    fn troubles(&self) -> Troubles {
        lock(&self.shared.troubles).clone()
    }

    /// Of the cluster that this server is in whoever leads it.
    fn members(&self) -> Response<ClusterInfo> {
        let port = self.troubles().follows.flatten().unwrap_or(self.shared.port);
        let leader = MemberInfo {
            state: LEADER,
            is_alive: true,
            http_end_point: Some(EndPoint { address: "127.0.0.1".to_owned(), port: port.into() }),
        };
        Response::new(ClusterInfo { members: vec![leader] })
    }

    fn read(&self, asked: Request<ReadReq>) -> Result<Response<Answers<ReadResp>>, Status> {
        let options = asked.into_inner().options.ok_or_else(|| Status::invalid_argument("options"))?;
        let Some(count) = options.count else {
            lock(&self.shared.asked).push("Subscribe".to_owned());
            return Err(Status::unimplemented("subscriptions"));
        };
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let is_forward = options.read_direction == 0;
        let log = lock(&self.shared.log);
        let events = match options.what.ok_or_else(|| Status::invalid_argument("stream"))? {
            What::All(all) => {
                let from = match all.from {
                    Some(FromPosition::Position(position)) if position.commit_position != position.prepare_position => {
                        return Err(Status::unknown("no record at this position"));
                    }
                    Some(FromPosition::Position(position)) => From::At(position.commit_position),
                    Some(FromPosition::End(())) => From::End,
                    Some(FromPosition::Start(())) | None => From::Start,
                };
                let events = log.read_all(from, is_forward, count);
                events.ok_or_else(|| Status::unknown("no record at this position"))?
            }
            What::Stream(stream) => {
                let from = match stream.from {
                    Some(FromRevision::Revision(revision)) => From::At(revision),
                    Some(FromRevision::End(())) => From::End,
                    Some(FromRevision::Start(())) | None => From::Start,
                };
                let name = stream.stream_identifier.as_ref().map(StreamIdentifier::name).unwrap_or_default();
                match log.read(&name, from, is_forward, count).map_err(|refused| refused.status())? {
                    Some(events) => events,
                    None => {
                        let nothing = StreamNotFound { stream_identifier: stream.stream_identifier };
                        return Ok(answers(vec![Content::StreamNotFound(nothing)]));
                    }
                }
            }
        };
        Ok(answers(events.into_iter().map(content).collect()))
    }

    async fn append(self, asked: Request<Streaming<AppendReq>>) -> Result<Response<AppendResp>, Status> {
        let mut asked = asked.into_inner();
        let mut options = None;
        let mut messages: Vec<ProposedMessage> = Vec::new();
        while let Some(next) = asked.next().await {
            match next?.content {
                Some(AppendContent::Options(named)) => options = Some(named),
                Some(AppendContent::ProposedMessage(message)) => messages.push(message),
                None => return Err(Status::invalid_argument("content")),
            }
        }
        let options = options.ok_or_else(|| Status::invalid_argument("options"))?;
        let (stream, expected) = expected(&options);
        let loss = self.loss(&stream);
        let lost = || Err(Status::unavailable("the answer was lost"));
        if loss == Some(Loss::Before) {
            return lost();
        }
        let outcome = lock(&self.shared.log).append(&stream, expected, messages);
        if loss == Some(Loss::After) {
            return lost();
        }
        let result = match outcome {
            Ok(written) => AppendResult::Success(Success {
                current_revision: Some(written.revision),
                position: Some(Position { commit_position: written.position, prepare_position: written.position }),
            }),
            Err(Refused::WrongExpected(current)) => AppendResult::WrongExpectedVersion(WrongExpectedVersion {
                current_revision: current,
                current_no_stream: current.is_none().then_some(()),
                expected_revision: match expected {
                    Expected::Revision(revision) => Some(revision),
                    _ => None,
                },
                expected_any: (expected == Expected::Any).then_some(()),
                expected_stream_exists: (expected == Expected::StreamExists).then_some(()),
                expected_no_stream: (expected == Expected::NoStream).then_some(()),
            }),
            Err(refused) => return Err(refused.status()),
        };
        Ok(Response::new(AppendResp { result: Some(result) }))
    }

    fn delete(&self, asked: Request<DeleteReq>, for_good: bool) -> Result<Response<DeleteResp>, Status> {
        let options = asked.into_inner().options.ok_or_else(|| Status::invalid_argument("options"))?;
        let (stream, _) = expected(&options);
        let position = lock(&self.shared.log).delete(&stream, for_good);
        Ok(Response::new(DeleteResp { position: Some(position) }))
    }

    /// Whether the answer to this append gets lost.
    fn loss(&self, stream: &str) -> Option<Loss> {
        let mut troubles = lock(&self.shared.troubles);
        let (loss, part, times) = troubles.losses.as_mut()?;
        let is_meant = stream.contains(part.as_str()) && stream.starts_with("$$") == part.starts_with("$$");
        if *times == 0 || !is_meant {
            return None;
        }
        *times -= 1;
        Some(*loss)
    }
}

/// Why a question is not even looked at.
fn refusal(troubles: &Troubles, headers: &http::HeaderMap) -> Option<Status> {
    if let Some((user, password)) = &troubles.password {
        let expected = BASE64.encode(format!("{user}:{password}"));
        let named = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        if named != format!("Basic {expected}") {
            return Some(with_trailers(Code::PermissionDenied, "Access Denied", &[("exception", "access-denied")]));
        }
    }
    let wants_leader = headers.get("requires-leader").is_some_and(|value| value == "true");
    let Some(leader) = troubles.follows.filter(|_| wants_leader)? else {
        return Some(Status::unknown("No leader info available in response"));
    };
    let port = leader.to_string();
    let trailers =
        [("exception", "not-leader"), ("leader-endpoint-host", "127.0.0.1"), ("leader-endpoint-port", &port)];
    Some(with_trailers(Code::NotFound, "Leader info available", &trailers))
}

fn with_trailers(code: Code, message: &str, trailers: &[(&'static str, &str)]) -> Status {
    let mut metadata = MetadataMap::new();
    for (name, value) in trailers {
        metadata.insert(*name, MetadataValue::try_from(*value).expect("a plain text"));
    }
    Status::with_metadata(code, message, metadata)
}

impl Refused {
    fn status(&self) -> Status {
        match self {
            Self::Deleted => {
                with_trailers(Code::FailedPrecondition, "Event stream is deleted.", &[("exception", "stream-deleted")])
            }
            Self::TooLarge(limit) => {
                let trailers = [("exception", "maximum-append-size-exceeded")];
                with_trailers(Code::InvalidArgument, &format!("Maximum Append Size of {limit} Exceeded."), &trailers)
            }
            Self::Incomplete => Status::invalid_argument("Required Metadata Property is missing"),
            Self::WrongExpected(_) => Status::failed_precondition("wrong expected version"),
        }
    }
}

fn expected(options: &ExpectedOptions) -> (String, Expected) {
    let stream = options.stream_identifier.as_ref().map(StreamIdentifier::name).unwrap_or_default();
    let expected = match options.expected {
        Some(ExpectedRevision::Revision(revision)) => Expected::Revision(revision),
        Some(ExpectedRevision::NoStream(())) => Expected::NoStream,
        Some(ExpectedRevision::StreamExists(())) => Expected::StreamExists,
        Some(ExpectedRevision::Any(())) | None => Expected::Any,
    };
    (stream, expected)
}

fn content(event: RecordedEvent) -> Content {
    Content::Event(ReadEvent { commit_position: Some(event.commit_position), event: Some(event) })
}

fn answers(contents: Vec<Content>) -> Response<Answers<ReadResp>> {
    let answers = contents.into_iter().map(|content| Ok(ReadResp { content: Some(content) }));
    Response::new(Box::pin(stream::iter(answers)))
}
