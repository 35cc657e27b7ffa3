//! Secrets of rows that leave a deployment and come into another.

use common::Context;
use common::http::{Error, Kind};
use common::json::raw;
use common::json::writer::quoted;
use common::ports::{Ports, master_key_id};
use secrets::SEALED_COLUMNS;
use std::collections::BTreeSet;
use tables::Table;

/// The header with the key under which secrets are sealed on their way.
const HEADER: &str = "x-backup-key";
/// The variables that have a deployment's ring.
const RING: [&str; 2] = ["MASTER_KEYS", "MASTER_KEY"];

/// A key beside those of the ring: of 32 bytes, made of a passphrase by the program.
pub(crate) struct Transfer(String);

impl Transfer {
    /// The key that a request brings.
    ///
    /// # Errors
    /// 422 for what is no key.
    pub(crate) fn of(cx: &Context<'_>) -> Result<Option<Self>, Error> {
        let Some(key) = (cx.header)(HEADER) else {
            return Ok(None);
        };
        let is_key = key.len() == 44 && !key.contains([',', ' ']);
        let transfer = Self(key);
        if !is_key || transfer.with(cx, false, |ports| ports.ring().is_err()) {
            let message = "`x-backup-key` must be 32 bytes in base64.";
            return Err(Error::invalid("header.x-backup-key", "key", message));
        }
        Ok(Some(transfer))
    }

    /// The ports of a deployment that has this key in its ring, too: as the one that seals, or as one more that opens.
    fn with<T>(&self, cx: &Context<'_>, is_first: bool, work: impl FnOnce(&Ports<'_>) -> T) -> T {
        let ring = |name| (cx.ports.variable)(name).filter(|text| !text.trim().is_empty());
        let ring = RING.into_iter().find_map(ring).unwrap_or_default();
        let ring = match is_first {
            true => [&self.0, ",", &ring].concat(),
            false => [&ring, ",", &self.0].concat(),
        };
        let variable = |name: &str| match RING.contains(&name) {
            true => Some(ring.clone()),
            false => (cx.ports.variable)(name),
        };
        work(&Ports {
            variable: &variable,
            ..cx.ports
        })
    }

    /// A row with its secrets sealed under this key.
    ///
    /// # Errors
    /// 500 for a secret that the ring does not open.
    pub(crate) fn leaving(
        &self,
        cx: &Context<'_>,
        table: &Table,
        line: String,
    ) -> Result<String, Error> {
        self.with(cx, true, |ports| anew(cx, ports, table, line))
    }

    /// A row with its secrets sealed as the deployment seals.
    ///
    /// # Errors
    /// 409 for a secret that neither the ring nor this key opens.
    pub(crate) fn coming(
        &self,
        cx: &Context<'_>,
        table: &Table,
        line: String,
    ) -> Result<String, Error> {
        let line = self.with(cx, false, |ports| anew(cx, ports, table, line));
        line.map_err(|error| {
            let message = "A secret cannot be opened: was the backup made with another passphrase?";
            cx.note(error.cause().unwrap_or_default());
            Error::new(Kind::Conflict, message)
        })
    }
}

/// A row whose secrets are sealed under the first master key of these ports.
fn anew(cx: &Context<'_>, ports: &Ports<'_>, table: &Table, line: String) -> Result<String, Error> {
    if !table.columns.iter().any(|column| column.is_sealed) {
        return Ok(line);
    }
    let items = raw::list(&line).unwrap_or_default();
    let mut row: Vec<_> = items.iter().map(|item| (*item).to_owned()).collect();
    for (column, item) in table.columns.iter().zip(&mut row) {
        let sealed = raw::text(item).filter(|text| column.is_sealed && !text.is_empty());
        if let Some(sealed) = sealed {
            *item = quoted(&resealed(cx, ports, table, column.name, &items, &sealed)?);
        }
    }
    Ok(format!("[{}]", row.join(",")))
}

fn resealed(
    cx: &Context<'_>,
    ports: &Ports<'_>,
    table: &Table,
    column: &str,
    items: &[&str],
    sealed: &str,
) -> Result<String, Error> {
    let mut columns = SEALED_COLUMNS.iter();
    let of = columns.find(|of| of.table == table.name && of.column == column);
    let of = of.ok_or_else(|| Error::internal("a column is sealed that is not listed"))?;
    if of.has_data_keys() {
        let key = ports.data_key_open(sealed)?;
        return Ok(ports.data_key_reseal(cx.entropy, key)?.sealed().to_owned());
    }
    let text = |name: &str| raw::text(items.get(table.place(name)?)?);
    let ids = (text("business_id"), text(of.id));
    let (Some(business), Some(id)) = ids else {
        return Err(Error::internal("a row has no id"));
    };
    let context = of.context(&business, &id);
    // What the data key of a business sealed goes with that key: only the key is sealed anew.
    let named = sealed
        .strip_prefix("d1.")
        .and_then(|text| text.rsplit_once('.'));
    if let Some((named, _)) = named {
        let key = ports.data_key_open(named)?;
        let key = ports.data_key_reseal(cx.entropy, key)?;
        return ports.reseal(cx.entropy, &key, &context, sealed);
    }
    let secret = ports.open(&context, sealed)?;
    ports.seal(cx.entropy, &context, &secret)
}

/// Adds the ids of the master keys of a row's secrets.
pub(crate) fn keys_of(table: &Table, line: &str, keys: &mut BTreeSet<String>) {
    if !table.columns.iter().any(|column| column.is_sealed) {
        return;
    }
    let items = raw::list(line).unwrap_or_default();
    for (column, item) in table.columns.iter().zip(items) {
        let sealed = raw::text(item).filter(|_| column.is_sealed);
        let id = sealed.as_deref().and_then(master_key_id).map(str::to_owned);
        keys.extend(id);
    }
}

/// Whether the ring has the master keys of a row's secrets.
///
/// # Errors
/// 409 that names the id of one that it lacks; 500 where the deployment has no ring.
pub(crate) fn check_keys(cx: &Context<'_>, table: &Table, items: &[&str]) -> Result<(), Error> {
    for (column, item) in table.columns.iter().zip(items) {
        let sealed = raw::text(item).filter(|text| column.is_sealed && !text.is_empty());
        let Some(sealed) = sealed else { continue };
        // What names no key was sealed before there were rings, and is tried with each.
        let Some(id) = master_key_id(&sealed) else {
            continue;
        };
        let ring = cx.ports.ring()?;
        if !ring.keys().any(|key| key.id == id) {
            let message = format!(
                "A secret of {} is sealed under the master key {id}, which this deployment lacks. Add that key to \
                 the end of its MASTER_KEYS, restore, and reseal.",
                table.name
            );
            return Err(
                Error::new(Kind::Conflict, message).with_detail("master_key", id.to_owned())
            );
        }
    }
    Ok(())
}
