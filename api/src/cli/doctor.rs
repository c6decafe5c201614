//! `kilter doctor`: looks at everything, changes nothing, says what to do.

use infra::config::{Arrangement, Config, Stores};
use infra::data_folder::{DataFolder, Keys};
use infra::doctor::{Finding, Severity, examine_clock, examine_disk, examine_log, examine_modes, examine_views};
use infra::vault::transfer::try_vault;

use super::args::Doctor;
use super::failure::Failure;
use super::output::{self, Bar};
use crate::http;
use crate::wiring::{Archive, OpenError, clock, clock_of_database};

/// Looks, and tells.
pub async fn run(asked: Doctor) -> Result<(), Failure> {
    let findings = examine(&asked).await;
    if asked.json {
        output::line(&serde_json::to_string_pretty(&findings).unwrap_or_default())?;
    } else {
        findings.iter().try_for_each(|finding| output::line(&told(finding)))?;
    }
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    if errors > 0 { Err(Failure::Findings(errors)) } else { Ok(()) }
}

fn told(finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Ok => "ok   ",
        Severity::Warn => "warn ",
        Severity::Error => "error",
    };
    let Finding { place, what, advice, .. } = finding;
    if advice.is_empty() {
        format!("{severity} {place}: {what}")
    } else {
        format!("{severity} {place}: {what}; {advice}")
    }
}

async fn examine(asked: &Doctor) -> Vec<Finding> {
    let mut findings = vec![configuration(asked)];
    if asked.data.is_dir() {
        findings.extend(examine_modes(&asked.data));
        findings.push(examine_disk(&asked.data));
    }
    let (archive, keys, stores) = match open(asked).await {
        Ok(opened) => opened,
        Err(error) => {
            let advice = "docs/operations/exit-codes.md tells what helps; else restore the last good backup";
            findings.push(Finding::error(asked.data.display().to_string(), error.to_string(), advice));
            return findings;
        }
    };
    if let Ok(Arrangement::Servers { vault, .. }) = stores.arrangement() {
        findings.push(match clock_of_database(vault.url()).await {
            Ok((place, there)) => examine_clock(&place, clock().now(), there),
            Err(error) => Finding::error(&archive.name, error.to_string(), "see that the server can be reached"),
        });
    }
    findings.push(vault(&archive, &keys).await);
    let bar = Bar::default();
    let shown = |at: domain::ports::Position, head: domain::ports::Position| bar.at(at.0, head.0, "events");
    findings.extend(examine_log(&*archive.log, &archive.name, asked.quick, shown).await);
    bar.clear();
    if let (Ok(Arrangement::Embedded), Ok(folder), Ok(head)) =
        (stores.arrangement(), DataFolder::peek(&stores.data), archive.log.head().await)
    {
        findings.extend(examine_views(&folder.views(), head));
    }
    findings
}

fn configuration(asked: &Doctor) -> Finding {
    let place = asked.config.as_ref().map_or_else(|| "settings".to_owned(), |file| file.display().to_string());
    match Config::load(asked.config.as_deref()) {
        Ok(config) if !http::may_serve_plain(config.listen.ip(), config.behind_tls_proxy) => {
            let what = format!("it listens on {}, which other machines reach, without TLS before it", config.listen);
            Finding::error(place, what, "listen on 127.0.0.1, or put TLS in front and set behind_tls_proxy")
        }
        Ok(config) => Finding::ok(place, format!("they make sense; it listens on {}", config.listen)),
        Err(error) => {
            Finding::error(place, error.to_string(), "docs/operations/configuration.md explains every setting")
        }
    }
}

async fn open(asked: &Doctor) -> Result<(Archive, Keys, Stores), Failure> {
    let stores = asked.servers.stores(&asked.data).map_err(Failure::Usage)?;
    let keys = Keys::read(&asked.data).map_err(OpenError::from)?;
    Ok((Archive::of(&stores, &keys).await?, keys, stores))
}

async fn vault(archive: &Archive, keys: &Keys) -> Finding {
    let place = format!("the vault of {}", archive.name);
    match try_vault(&*archive.vault, &keys.root_key()).await {
        Ok(found) => {
            let what = format!("it opens with these keys: companies {}, data keys {}", found.tenants, found.data_keys);
            Finding::ok(place, what)
        }
        Err(error) => Finding::error(place, error.to_string(), "restore the last good backup: kilter restore"),
    }
}
