//! `kilter token`: a token on standard output and nothing else there.

use domain::kernel::Caller;

use super::args;
use super::failure::Failure;
use super::output;
use super::target;
use crate::wiring::Registers;

/// Makes a token; a workspace that nobody named before is made with it.
pub async fn run(asked: args::Token) -> Result<(), Failure> {
    let stores = target::stores(Some(&asked.data), &asked.servers)?;
    let registers = Registers::peek(&stores).await?;
    let (caller, made) = registers.member(&asked.tenant, &asked.user, asked.role.into()).await?;
    if made {
        output::note(&format!("new workspace {}", asked.tenant));
    }
    output::line(&mint(&registers, caller, asked.ttl.as_secs())?)
}

fn mint(registers: &Registers, caller: Caller, ttl_seconds: i64) -> Result<String, Failure> {
    let ttl = u32::try_from(ttl_seconds).unwrap_or(u32::MAX);
    let minted = registers.tokens.mint(caller, registers.ids.next(), registers.clock.now(), ttl);
    minted.map_err(|error| Failure::Usage(error.to_string()))
}
