//! Vaults that belong to one test each.

use std::ops::Deref;
use std::sync::Arc;

use domain::kernel::Timestamp;
use domain::ports::{Answers, Vault};
use infra::postgres::{Postgres, PostgresRefusal};
use infra::vault::secrets::Secrets;
use infra::vault::{PostgresAnswers, PostgresVault, Registry, RootKey, SqliteAnswers, SqliteVault};
use tempfile::TempDir;

use crate::stores::{Schema, postgres_url};

/// The keys of all nodes of a test.
pub const KEYS: ([u8; 32], [u8; 32]) = ([7; 32], [8; 32]);

/// A vault with its registers and secrets.
pub trait WholeVault: Vault + Registry + Secrets {}

impl<V: Vault + Registry + Secrets> WholeVault for V {}

/// A vault with the place that it lies in.
pub struct TestVault {
    vault: Arc<dyn WholeVault>,
    home: Home,
}

enum Home {
    Memory,
    File { _folder: TempDir },
    Schema(Schema),
}

impl TestVault {
    /// An empty one in memory.
    pub fn memory() -> Self {
        Self { vault: Arc::new(SqliteVault::in_memory().expect("a vault")), home: Home::Memory }
    }

    /// An empty one in a file.
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let vault = SqliteVault::open(&folder.path().join("vault.db"), RootKey::random()).expect("a vault");
        Self { vault: Arc::new(vault), home: Home::File { _folder: folder } }
    }

    /// An empty one in a schema of the server that `KILTER_TEST_POSTGRES_URL` names; `./test` starts one.
    pub async fn postgres() -> Self {
        let schema = Schema::scratch();
        Self { vault: in_schema(schema.name()).await, home: Home::Schema(schema) }
    }

    /// Shared with tasks.
    pub fn shared(&self) -> Arc<dyn WholeVault> {
        Arc::clone(&self.vault)
    }

    /// Another one over the same place, as another node has it.
    ///
    /// # Panics
    /// Where a vault is one node's only.
    pub async fn other_node(&self) -> Arc<dyn WholeVault> {
        in_schema(self.schema()).await
    }

    /// The schema that it lies in.
    ///
    /// # Panics
    /// Where it lies in none.
    pub fn schema(&self) -> &str {
        match &self.home {
            Home::Schema(schema) => schema.name(),
            Home::Memory | Home::File { .. } => panic!("a vault without a schema"),
        }
    }
}

impl Deref for TestVault {
    type Target = dyn WholeVault;

    fn deref(&self) -> &Self::Target {
        &*self.vault
    }
}

async fn in_schema(schema: &str) -> Arc<dyn WholeVault> {
    Arc::new(vault_with(schema, KEYS).await.expect("a vault"))
}

/// The vault in this schema for a node with these keys: of the vault, of the tokens.
///
/// # Panics
/// When the address of the server is none.
pub async fn vault_with(schema: &str, (root, token): ([u8; 32], [u8; 32])) -> Result<PostgresVault, PostgresRefusal> {
    let server = Postgres::new(&postgres_url(), schema).expect("a PostgreSQL address");
    PostgresVault::open(Arc::new(server), RootKey::new(root), &token).await
}

/// Where answers outlive a restart.
pub enum AnswersPlace {
    /// A vault's file.
    File(TempDir),
    /// A vault's schema.
    Schema(Schema),
}

impl AnswersPlace {
    /// A new file.
    ///
    /// # Panics
    /// When there is no room for one.
    pub fn sqlite() -> Self {
        Self::File(tempfile::tempdir().expect("a folder"))
    }

    /// A new schema.
    pub fn postgres() -> Self {
        Self::Schema(Schema::scratch())
    }

    /// Opens those that are there.
    ///
    /// # Panics
    /// When they can't be opened.
    pub async fn open(&self, now: Timestamp) -> Arc<dyn Answers> {
        match self {
            Self::File(folder) => Arc::new(SqliteAnswers::open(&folder.path().join("vault.db"), now).expect("answers")),
            Self::Schema(schema) => {
                let server = Arc::new(Postgres::new(&postgres_url(), schema.name()).expect("an address"));
                drop(vault_with(schema.name(), KEYS).await.expect("a vault"));
                Arc::new(PostgresAnswers::open(server, now).await.expect("answers"))
            }
        }
    }
}
