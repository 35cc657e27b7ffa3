//! Which column or key fills which field.

use std::str::FromStr;

use super::field::{Field, Target, custom_key, plain};

/// One `--map`: fills a field from a source, or leaves the source out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MapRule {
    pub(crate) source: String,
    pub(crate) target: Option<Target>,
}

impl FromStr for MapRule {
    type Err = String;

    /// The last `=` divides: a column's name may have one, a field's has none.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((source, target)) = text.rsplit_once('=') else {
            return Err("write COLUMN=FIELD, such as \"Full Name=name\"".into());
        };
        let (source, target) = (source.trim(), target.trim());
        if source.is_empty() {
            return Err("the column before the = is missing".into());
        }
        let parsed = Target::parse(target);
        if parsed.is_none() && !target.is_empty() {
            let fields = Field::ALL.map(Field::name).join(", ");
            return Err(format!(
                "there is no field {target}: choose one of {fields} or custom_fields.KEY"
            ));
        }
        Ok(Self {
            source: source.to_owned(),
            target: parsed,
        })
    }
}

impl MapRule {
    /// The rule as it would be written.
    pub(crate) fn text(&self) -> String {
        let target = self.target.as_ref().map(Target::name).unwrap_or_default();
        format!("{}={target}", self.source)
    }
}

/// The plan for a CSV: what each column fills.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    /// Column number and what it fills, by column.
    pub(crate) filled: Vec<(usize, Target)>,
    /// Columns that are not sent.
    pub(crate) ignored: Vec<usize>,
}

/// Rules first; then columns named like a field, then usual names, each field at most once.
pub(crate) fn plan_columns(headers: &[String], rules: &[MapRule]) -> Result<Columns, String> {
    let mut filled: Vec<(usize, Target)> = Vec::new();
    let mut decided = vec![false; headers.len()];
    for rule in rules {
        let column = find_column(headers, &rule.source)?;
        if let Some(mark) = decided.get_mut(column) {
            *mark = true;
        }
        let Some(target) = &rule.target else { continue };
        if filled.iter().any(|(_, taken)| taken == target) {
            let name = target.name();
            return Err(format!("two --map fill {name}: leave one out"));
        }
        filled.push((column, target.clone()));
    }
    for (column, target) in automatic(headers) {
        let free = decided.get(column) == Some(&false);
        if free && !filled.iter().any(|(_, taken)| *taken == target) {
            filled.push((column, target));
            if let Some(mark) = decided.get_mut(column) {
                *mark = true;
            }
        }
    }
    filled.sort_by_key(|(column, _)| *column);
    let is_filled = |column: &usize| filled.iter().any(|(used, _)| used == column);
    let ignored = (0..headers.len())
        .filter(|column| !is_filled(column))
        .collect();
    Ok(Columns { filled, ignored })
}

/// What the headers say by themselves, the likeliest first.
fn automatic(headers: &[String]) -> Vec<(usize, Target)> {
    let plains: Vec<String> = headers.iter().map(|header| plain(header)).collect();
    let named = |wanted: &str, field: Field| -> Vec<(usize, Target)> {
        let columns = plains
            .iter()
            .enumerate()
            .filter(|(_, name)| *name == wanted);
        columns
            .map(|(column, _)| (column, Target::Field(field)))
            .collect()
    };
    let mut found = Vec::new();
    for field in Field::ALL {
        found.extend(named(&plain(field.name()), field));
        for synonym in field.synonyms() {
            found.extend(named(synonym, field));
        }
    }
    for (column, header) in headers.iter().enumerate() {
        if let Some(key) = custom_key(header) {
            found.push((column, Target::Custom(key.to_owned())));
        }
    }
    found
}

/// The column by its exact name, or else the only one that differs in spelling alone.
fn find_column(headers: &[String], source: &str) -> Result<usize, String> {
    if let Some(column) = headers.iter().position(|header| header == source) {
        return Ok(column);
    }
    let wanted = plain(source);
    let alike = |header: &&String| !wanted.is_empty() && plain(header) == wanted;
    let mut columns =
        (0..headers.len()).filter(|&column| headers.get(column).is_some_and(|h| alike(&h)));
    match (columns.next(), columns.next()) {
        (Some(column), None) => Ok(column),
        (Some(_), Some(_)) => Err(format!(
            "--map \"{source}=…\" could mean several columns: write the name as the file does"
        )),
        (None, _) => Err(format!(
            "--map \"{source}=…\": the file has no such column; it has {}",
            headers.join(", ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(headers: &[&str], rules: &[&str]) -> Result<Vec<String>, String> {
        let headers: Vec<String> = headers.iter().map(|&header| header.to_owned()).collect();
        let rules: Vec<MapRule> = rules.iter().map(|rule| rule.parse().unwrap()).collect();
        let columns = plan_columns(&headers, &rules)?;
        let name = |column: usize| headers.get(column).cloned().unwrap_or_default();
        let filled = columns.filled.iter();
        let filled = filled.map(|(column, target)| format!("{}>{}", name(*column), target.name()));
        let ignored = columns
            .ignored
            .iter()
            .map(|&column| format!("{}>", name(column)));
        Ok(filled.chain(ignored).collect())
    }

    #[test]
    fn columns_named_like_fields_and_usual_names_map_themselves() {
        assert_eq!(
            plan(
                &["Contact ID", "Full Name", "E-mail", "WhatsApp", "Owner"],
                &[]
            )
            .unwrap(),
            [
                "Contact ID>external_id",
                "Full Name>name",
                "E-mail>email",
                "WhatsApp>whatsapp_number",
                "Owner>"
            ]
        );
    }

    #[test]
    fn the_fields_own_name_comes_before_a_usual_one() {
        let expected = ["phone>phone", "Mobile>"];
        assert_eq!(plan(&["Mobile", "phone"], &[]).unwrap(), expected);
    }

    #[test]
    fn a_rule_comes_before_what_maps_itself() {
        let expected = ["Mobile>phone", "Phone>"];
        assert_eq!(
            plan(&["Phone", "Mobile"], &["Mobile=phone"]).unwrap(),
            expected
        );
    }

    #[test]
    fn one_column_may_fill_two_fields_and_an_empty_field_leaves_it_out() {
        let rules = ["Mobile=phone", "mobile=whatsapp_number", "Notes="];
        let expected = ["Mobile>phone", "Mobile>whatsapp_number", "Notes>"];
        assert_eq!(plan(&["Mobile", "Notes"], &rules).unwrap(), expected);
    }

    #[test]
    fn custom_fields_are_reached_by_rule_and_by_header() {
        let expected = [
            "Segment>custom_fields.seg",
            "custom_fields.Tier>custom_fields.Tier",
        ];
        let headers = ["Segment", "custom_fields.Tier"];
        assert_eq!(
            plan(&headers, &["Segment=custom_fields.seg"]).unwrap(),
            expected
        );
    }

    #[test]
    fn an_unknown_column_is_answered_with_those_there_are() {
        let error = plan(&["Email", "Name"], &["Emial=email"]).unwrap_err();
        assert!(
            error.contains("Emial") && error.contains("Email, Name"),
            "{error}"
        );
    }

    #[test]
    fn an_unknown_field_is_answered_with_those_there_are() {
        let error = "A=birthday".parse::<MapRule>().unwrap_err();
        assert!(
            error.contains("birthday") && error.contains("whatsapp_number"),
            "{error}"
        );
        assert!("no sign".parse::<MapRule>().is_err());
    }

    #[test]
    fn two_columns_cannot_fill_one_field() {
        assert!(plan(&["A", "B"], &["A=name", "B=name"]).is_err());
    }
}
