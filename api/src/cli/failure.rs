//! What can go wrong on the command line, with a code for people and an exit code for scripts
//! (`docs/operations/exit-codes.md`).

use domain::ports::{ReadError, VaultError};
use infra::data_folder::DataFolderError;
use infra::vault::transfer::VaultTransferError;

use crate::import::ImportError;
use crate::import::executor::DoorError;
use crate::solve::InstanceError;
use crate::solve::checked::plural;
use crate::wiring::{OpenError, TransferError, Unnamed};

/// A command that was not done.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The data folder can't be used.
    #[error("{0}")]
    Open(#[from] OpenError),
    /// The vault does not answer.
    #[error("{0}")]
    Vault(#[from] VaultError),
    /// Whoever reads the results has gone; nothing more is to be done.
    #[error("nobody reads the results")]
    NobodyReads,
    /// There is no data folder.
    #[error("there is no data folder {}", .0.display())]
    NoFolder(std::path::PathBuf),
    /// A result can't be written.
    #[error("the result can't be written: {0}")]
    Output(String),
    /// The settings can't be used.
    #[error("{0}")]
    Settings(String),
    /// What was said does not make sense.
    #[error("{0}")]
    Usage(String),
    /// The file can't be imported.
    #[error("{0}")]
    Import(#[from] ImportError),
    /// The file can't be planned.
    #[error("{0}")]
    Instance(#[from] InstanceError),
    /// A plan breaks rules.
    #[error("the plan has {violations} violation{} of {rules} rule{}", plural(*violations), plural(*rules))]
    PlanInvalid {
        /// How many violations.
        violations: usize,
        /// Of how many rules.
        rules: usize,
    },
    /// A plan keeps the rules, and is not of everything.
    #[error("incomplete: {without} of {of} operations have no place")]
    PlanIncomplete {
        /// Operations without a place.
        without: usize,
        /// Operations that are to be planned.
        of: usize,
    },
    /// The server did not do it.
    #[error("{0}")]
    Server(#[from] DoorError),
    /// Nobody ever worked in this workspace.
    #[error("there is no workspace {0:?} in this data folder; `kilter token` or `kilter import` makes one")]
    UnknownTenant(String),
    /// Several companies are called so.
    #[error("{0}")]
    AmbiguousTenant(String),
    /// A store does not work right now: a full disk, or one that can't be written.
    #[error("{0}")]
    Unavailable(String),
    /// The log was not carried over.
    #[error("{0}")]
    Log(#[from] TransferError),
    /// The vault was not carried over.
    #[error("{0}")]
    VaultCopy(#[from] VaultTransferError),
    /// Something is wrong with what was looked at.
    #[error("errors among the findings: {0}")]
    Findings(usize),
    /// What arrived is not what was sent.
    #[error("{0}")]
    Differs(String),
    /// Plain HTTP that other machines reach.
    #[error(
        "{0} is reached by other machines and plain HTTP shows them every token: listen on 127.0.0.1, or put TLS in front and say --insecure-http"
    )]
    PlainHttp(std::net::SocketAddr),
    /// Nobody can listen there.
    #[error("can't listen on {address}: {reason}")]
    Listen {
        /// Where.
        address: std::net::SocketAddr,
        /// Why.
        reason: String,
    },
    /// Ctrl-C, and nothing to come of it.
    #[error("ended at once; nothing more is written")]
    Interrupted,
    /// Something is broken.
    #[error("{0}")]
    Fault(String),
}

/// Exit codes. Never change the meaning of one.
pub mod exit {
    /// Done.
    pub const OK: u8 = 0;
    /// Something is broken.
    pub const FAULT: u8 = 1;
    /// The command line or the settings make no sense.
    pub const USAGE: u8 = 2;
    /// The file can't be imported or planned.
    pub const INPUT: u8 = 3;
    /// Another process uses the data folder.
    pub const LOCKED: u8 = 4;
    /// The data folder, or what is on a server, is of a newer version.
    pub const NEWER: u8 = 5;
    /// The server does not answer.
    pub const UNREACHABLE: u8 = 6;
    /// The token is not accepted.
    pub const UNAUTHENTICATED: u8 = 7;
    /// There is no such workspace.
    pub const UNKNOWN_TENANT: u8 = 8;
    /// The data folder, or what is on a server, is missing, damaged, exposed, or of another kind.
    pub const FOLDER: u8 = 9;
    /// A store does not work right now, such as on a full disk.
    pub const UNAVAILABLE: u8 = 10;
    /// The role may not do this.
    pub const DENIED: u8 = 11;
    /// The plan that was checked breaks rules.
    pub const PLAN_INVALID: u8 = 12;
    /// The plan that was checked keeps the rules, and something has no place.
    pub const PLAN_INCOMPLETE: u8 = 13;
    /// The server of a store does not let Kilter in, or is not fit for it.
    pub const STORE_REFUSED: u8 = 14;
    /// The target holds something else, or the copy is not what the source is.
    pub const DIFFERS: u8 = 15;
    /// `doctor` found errors.
    pub const FINDINGS: u8 = 16;
    /// Ended by Ctrl-C, as shells have it.
    pub const INTERRUPTED: u8 = 130;
}

impl From<Unnamed> for Failure {
    fn from(error: Unnamed) -> Self {
        match error {
            Unnamed::Vault(error) => Self::Vault(error),
            several @ Unnamed::Several { .. } => Self::AmbiguousTenant(several.to_string()),
        }
    }
}

impl From<crate::demo::BadSample> for Failure {
    fn from(error: crate::demo::BadSample) -> Self {
        match error {
            crate::demo::BadSample::Run(error) => Self::Server(error),
            other => Self::Fault(other.to_string()),
        }
    }
}

impl Failure {
    /// Stable code.
    pub fn code(&self) -> &str {
        match self {
            Self::Open(error) => folder(error).0,
            Self::Output(_) | Self::NobodyReads => "OUTPUT_FAILED",
            Self::NoFolder(_) => "DATA_FOLDER_MISSING",
            Self::Settings(_) => "SETTINGS_INVALID",
            Self::Usage(_) => "USAGE",
            Self::Import(ImportError::Stopped(error)) | Self::Server(error) => server(error).0,
            Self::Import(error) => error.code(),
            Self::Instance(error) => error.code(),
            Self::PlanInvalid { .. } => "PLAN_INVALID",
            Self::PlanIncomplete { .. } => "PLAN_INCOMPLETE",
            Self::UnknownTenant(_) => "UNKNOWN_TENANT",
            Self::AmbiguousTenant(_) => "AMBIGUOUS_TENANT",
            Self::Unavailable(_) | Self::Vault(_) => "UNAVAILABLE",
            Self::Log(error) => log(error).0,
            Self::VaultCopy(error) => vault(error).0,
            Self::Differs(_) => "COPY_DIFFERS",
            Self::Findings(_) => "FINDINGS",
            Self::PlainHttp(_) => "PLAIN_HTTP_REFUSED",
            Self::Listen { .. } => "LISTEN_FAILED",
            Self::Interrupted => "INTERRUPTED",
            Self::Fault(_) => "INTERNAL",
        }
    }

    /// The exit code of the process.
    pub fn exit(&self) -> u8 {
        match self {
            Self::Open(error) => folder(error).1,
            Self::Settings(_) | Self::Usage(_) | Self::PlainHttp(_) => exit::USAGE,
            Self::Import(ImportError::Stopped(error)) | Self::Server(error) => server(error).1,
            Self::Import(_) | Self::Instance(_) => exit::INPUT,
            Self::PlanInvalid { .. } => exit::PLAN_INVALID,
            Self::PlanIncomplete { .. } => exit::PLAN_INCOMPLETE,
            Self::UnknownTenant(_) | Self::AmbiguousTenant(_) => exit::UNKNOWN_TENANT,
            Self::NoFolder(_) => exit::FOLDER,
            Self::NobodyReads => exit::OK,
            Self::Interrupted => exit::INTERRUPTED,
            Self::Unavailable(_) | Self::Vault(_) => exit::UNAVAILABLE,
            Self::Log(error) => log(error).1,
            Self::VaultCopy(error) => vault(error).1,
            Self::Differs(_) => exit::DIFFERS,
            Self::Findings(_) => exit::FINDINGS,
            Self::Listen { .. } | Self::Output(_) | Self::Fault(_) => exit::FAULT,
        }
    }

    /// What would make it possible, where that is known.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            Self::Open(OpenError::Folder(DataFolderError::Locked { .. })) => Some(
                "a server is running on it: say --server URL --token TOKEN instead of --data, or stop the server first",
            ),
            Self::Server(DoorError::Unauthenticated)
            | Self::Import(ImportError::Stopped(DoorError::Unauthenticated)) => {
                Some("make a fresh one: kilter token --data DIR --tenant T --user U --role admin")
            }
            Self::Server(DoorError::Denied) | Self::Import(ImportError::Stopped(DoorError::Denied)) => Some(
                "make one with the role that it takes; what concerns all companies is for `kilter token --tenant installation`",
            ),
            Self::Import(ImportError::NoSuchColumn { .. }) => Some(
                "name the columns with --case-column, --activity-column … or a mapping file (docs/operations/import.md)",
            ),
            _ => None,
        }
    }
}

const fn folder(error: &OpenError) -> (&'static str, u8) {
    match error {
        OpenError::Folder(error) => folder_itself(error),
        OpenError::Newer(_) => ("DATA_FOLDER_NEWER", exit::NEWER),
        OpenError::Damaged(_) => ("DATA_FOLDER_DAMAGED", exit::FOLDER),
        OpenError::Unavailable(_) => ("UNAVAILABLE", exit::UNAVAILABLE),
        OpenError::Places(_) => ("SETTINGS_INVALID", exit::USAGE),
        OpenError::Refused(_) => ("STORE_REFUSED", exit::STORE_REFUSED),
        OpenError::OtherKeys(_) => ("KEYS_DIFFER", exit::FOLDER),
        OpenError::StoreNewer(_) => ("STORE_NEWER", exit::NEWER),
        OpenError::StoreUnfinished(_) => ("STORE_UNFINISHED", exit::FOLDER),
        OpenError::StoreDamaged(_) => ("STORE_DAMAGED", exit::FOLDER),
    }
}

const fn folder_itself(error: &DataFolderError) -> (&'static str, u8) {
    match error {
        DataFolderError::Locked { .. } => ("DATA_FOLDER_LOCKED", exit::LOCKED),
        DataFolderError::NewerFormat { .. } => ("DATA_FOLDER_NEWER", exit::NEWER),
        DataFolderError::HoldsStores(_) => ("DATA_FOLDER_HOLDS_STORES", exit::FOLDER),
        DataFolderError::HoldsKeysOnly(_) => ("DATA_FOLDER_HOLDS_KEYS_ONLY", exit::FOLDER),
        DataFolderError::Missing(_) => ("DATA_FOLDER_MISSING", exit::FOLDER),
        DataFolderError::NotAFolder(_) => ("DATA_FOLDER_INVALID", exit::FOLDER),
        DataFolderError::Damaged { .. } => ("DATA_FOLDER_DAMAGED", exit::FOLDER),
        DataFolderError::Exposed { .. } => ("DATA_FOLDER_EXPOSED", exit::FOLDER),
        DataFolderError::NotEmpty(_) => ("FOLDER_NOT_EMPTY", exit::FOLDER),
        DataFolderError::OtherKeys { .. } => ("KEYS_DIFFER", exit::FOLDER),
        DataFolderError::Unfinished(_) => ("BACKUP_UNFINISHED", exit::FOLDER),
        DataFolderError::Io { .. } => ("DATA_FOLDER_UNUSABLE", exit::UNAVAILABLE),
    }
}

const fn log(error: &TransferError) -> (&'static str, u8) {
    match error {
        TransferError::Read(ReadError::Corrupt(_)) | TransferError::Broken(_) => ("STORE_DAMAGED", exit::FOLDER),
        TransferError::Read(ReadError::Unavailable(_)) | TransferError::Target(_) => ("UNAVAILABLE", exit::UNAVAILABLE),
        TransferError::Foreign(_) => ("TARGET_FOREIGN", exit::DIFFERS),
        TransferError::Busy => ("TARGET_BUSY", exit::DIFFERS),
        TransferError::Differs { .. } => ("COPY_DIFFERS", exit::DIFFERS),
    }
}

const fn vault(error: &VaultTransferError) -> (&'static str, u8) {
    match error {
        VaultTransferError::Foreign(_) => ("TARGET_FOREIGN", exit::DIFFERS),
        VaultTransferError::Vault(VaultError::Damaged(_)) => ("STORE_DAMAGED", exit::FOLDER),
        VaultTransferError::Vault(_) => ("UNAVAILABLE", exit::UNAVAILABLE),
    }
}

fn server(error: &DoorError) -> (&str, u8) {
    match error {
        DoorError::Unreachable { .. } => ("SERVER_UNREACHABLE", exit::UNREACHABLE),
        DoorError::Unauthenticated => ("UNAUTHENTICATED", exit::UNAUTHENTICATED),
        DoorError::Denied => ("DENIED", exit::DENIED),
        DoorError::OtherTenant => ("TOKEN_OF_OTHER_TENANT", exit::USAGE),
        DoorError::Failed { code, .. } if code == "UNAVAILABLE" || code == "OUTCOME_UNKNOWN" => {
            (code, exit::UNAVAILABLE)
        }
        DoorError::Failed { code, .. } => (code, exit::FAULT),
    }
}
