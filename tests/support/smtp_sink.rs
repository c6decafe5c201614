//! A mail server on loopback that takes mails and shows them, or misbehaves as it is told.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// How a server treats a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It takes it.
    Takes,
    /// It answers the recipient with this code.
    Refuses(u16),
    /// It greets with this code.
    GreetsWith(u16),
    /// It answers the sender with this code.
    RefusesSender(u16),
    /// It never greets.
    HangsAtOnce,
    /// It reads the mail to its end, and never says so.
    HangsAfterData,
    /// It reads the mail to its end, and closes the connection.
    DropsAfterData,
}

/// A mail as it came over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The recipients, as they were named to the server.
    pub recipients: Vec<String>,
    /// Header and body.
    pub data: String,
}

impl Received {
    /// The value of a header, unfolded.
    ///
    /// # Panics
    /// When there is none, or more than one.
    pub fn header(&self, name: &str) -> String {
        let head = self.data.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
        let prefix = format!("{name}: ");
        let found: Vec<&str> = head.split("\r\n").filter_map(|line| line.strip_prefix(&prefix)).collect();
        assert_eq!(found.len(), 1, "{name} in {head}");
        found[0].to_owned()
    }

    /// The names of all headers.
    pub fn header_names(&self) -> Vec<String> {
        let head = self.data.split("\r\n\r\n").next().unwrap_or_default();
        let lines = head.split("\r\n").filter(|line| !line.starts_with(' '));
        lines.map(|line| line.split(':').next().unwrap_or_default().to_owned()).collect()
    }
}

#[derive(Default)]
struct Seen {
    /// For the next mails, in this order; then they are taken.
    manners: Vec<Manner>,
    mails: Vec<Received>,
    credentials: Vec<String>,
    connections: usize,
}

/// The server; it goes when this is dropped.
pub struct SmtpSink {
    port: u16,
    seen: Arc<Mutex<Seen>>,
    changed: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl SmtpSink {
    /// Treats the first mails in these manners, one each, and takes those that follow.
    ///
    /// # Panics
    /// When there is no port.
    pub async fn start(manners: &[Manner]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let manners = manners.iter().rev().copied().collect();
        let seen = Arc::new(Mutex::new(Seen { manners, ..Seen::default() }));
        let changed = Arc::new(Notify::new());
        let task = tokio::spawn({
            let (seen, changed) = (Arc::clone(&seen), Arc::clone(&changed));
            async move {
                while let Ok((stream, _)) = listener.accept().await {
                    let (seen, changed) = (Arc::clone(&seen), Arc::clone(&changed));
                    tokio::spawn(async move { drop(serve(stream, &seen, &changed).await) });
                }
            }
        });
        Self { port, seen, changed, task }
    }

    /// As a setting says it.
    pub fn address(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// With user and password.
    pub fn address_with_password(&self) -> String {
        format!("smtp://kilter:secret@127.0.0.1:{}", self.port)
    }

    /// What came to its end, whatever was answered.
    pub fn mails(&self) -> Vec<Received> {
        locked(&self.seen).mails.clone()
    }

    /// How often somebody connected.
    pub fn connections(&self) -> usize {
        locked(&self.seen).connections
    }

    /// What was said to prove who it was.
    pub fn credentials(&self) -> Vec<String> {
        locked(&self.seen).credentials.clone()
    }

    /// Waits until so many mails came to their end.
    pub async fn wait_for_mails(&self, count: usize) {
        loop {
            let changed = self.changed.notified();
            if locked(&self.seen).mails.len() >= count {
                return;
            }
            changed.await;
        }
    }
}

fn locked(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(stream: TcpStream, seen: &Mutex<Seen>, changed: &Notify) -> std::io::Result<()> {
    let manner = {
        let mut seen = locked(seen);
        seen.connections += 1;
        seen.manners.pop().unwrap_or(Manner::Takes)
    };
    let mut stream = BufReader::new(stream);
    if manner == Manner::HangsAtOnce {
        return read_to_end(&mut stream).await;
    }
    if let Manner::GreetsWith(code) = manner {
        return say(&mut stream, &format!("{code} not today")).await;
    }
    say(&mut stream, "220 sink").await?;
    let mut recipients = Vec::new();
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let command = line.trim_end().to_owned();
        match command.split(' ').next().unwrap_or_default() {
            "EHLO" => say(&mut stream, "250-sink\r\n250-8BITMIME\r\n250 AUTH PLAIN").await?,
            "AUTH" => {
                locked(seen).credentials.push(command);
                say(&mut stream, "235 welcome").await?;
            }
            "MAIL" => {
                let code = if let Manner::RefusesSender(code) = manner { code } else { 250 };
                say(&mut stream, &format!("{code} so be it")).await?;
            }
            "RCPT" => {
                if let Manner::Refuses(code) = manner {
                    say(&mut stream, &format!("{code} not {command}")).await?;
                    continue;
                }
                recipients.push(command["RCPT TO:<".len()..].trim_end_matches('>').to_owned());
                say(&mut stream, "250 known").await?;
            }
            "DATA" => {
                say(&mut stream, "354 go ahead").await?;
                let data = read_data(&mut stream).await?;
                locked(seen).mails.push(Received { recipients: std::mem::take(&mut recipients), data });
                changed.notify_waiters();
                match manner {
                    Manner::DropsAfterData => return Ok(()),
                    Manner::HangsAfterData => return read_to_end(&mut stream).await,
                    _ => say(&mut stream, "250 taken").await?,
                }
            }
            "QUIT" => return say(&mut stream, "221 bye").await,
            _ => say(&mut stream, "502 not known here").await?,
        }
    }
}

async fn say(stream: &mut BufReader<TcpStream>, text: &str) -> std::io::Result<()> {
    stream.get_mut().write_all(format!("{text}\r\n").as_bytes()).await
}

async fn read_data(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let (mut data, mut line) = (String::new(), String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == ".\r\n" {
            return Ok(data);
        }
        data.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

async fn read_to_end(stream: &mut BufReader<TcpStream>) -> std::io::Result<()> {
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        line.clear();
    }
    Ok(())
}
