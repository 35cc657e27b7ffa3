//! Looking for a customer's person: by id, by address, by number.

use super::api::{Person, Search, digits_of};
use super::sync::SyncContext;
use crm::Failure;
use crm::local::CustomerRow;

/// Digits by which a number is looked for as people wrote it without spaces.
const DIGITS: usize = 9;
/// The same where they are in groups.
const LAST_DIGITS: usize = 4;
/// Persons that are looked at, of those who have a part of an address or number in common.
const MAX_FOUND: u32 = 200;

impl SyncContext<'_> {
    /// The person that an import named.
    pub(super) async fn imported(&self, customer: &CustomerRow) -> Result<Option<Person>, Failure> {
        let connector = &self.client.integration.connector;
        let Some(id) = customer.crm_ids.get(connector, "person") else {
            return Ok(None);
        };
        let found: Vec<Person> = self.all("person", self.api().person(id)).await?;
        Ok(found.into_iter().next())
    }

    /// Looks for a person by address and number, in one request. What is found has a part in common, and
    /// is compared as a whole; an address counts more than a number.
    pub(super) async fn find(&self, customer: &CustomerRow) -> Result<Option<Person>, Failure> {
        let ours = self.ours(customer);
        let spelled = customer.email.clone();
        let email = ours.email.clone().or_else(|| self.invented(customer));
        let findable = |value: &&str| !value.contains([':', ';', '%']);
        let number = ours.numbers.first().cloned().unwrap_or_default();
        let last = |digits: &str, count: usize| {
            let from = digits.len().saturating_sub(count);
            digits.get(from..).unwrap_or_default().to_owned()
        };
        let digits = digits_of(&number);
        let nine = Some(last(&digits, DIGITS)).filter(|digits| digits.len() == DIGITS);
        let four = nine.as_deref().map(|nine| last(nine, LAST_DIGITS));
        // A list in which text is compared with case.
        let spelled = spelled.filter(|spelled| Some(spelled) != email.as_ref());
        let rounds = [(email.as_deref(), nine), (spelled.as_deref(), four)];
        for (email, digits) in rounds {
            let search = Search {
                email: email.filter(findable),
                digits: digits.as_deref(),
                limit: MAX_FOUND,
            };
            if search.email.is_none() && search.digits.is_none() {
                continue;
            }
            let request = self.api().persons_search(&search);
            let found: Vec<Person> = self.all("persons by address and number", request).await?;
            if let Some(person) = self.chosen(customer, found).await? {
                return Ok(Some(person));
            }
        }
        Ok(None)
    }

    async fn chosen(
        &self,
        customer: &CustomerRow,
        found: Vec<Person>,
    ) -> Result<Option<Person>, Failure> {
        let ours = self.ours(customer);
        let email = ours.email.clone().or_else(|| self.invented(customer));
        let by_email = |one: &Person| email.as_deref().is_some_and(|email| one.has_email(email));
        let by_number = |one: &Person| ours.numbers.iter().any(|number| one.has_number(number));
        let mut fitting: Vec<_> = found
            .into_iter()
            .filter(|one| by_email(one) || by_number(one))
            .collect();
        fitting.sort_by_key(|one| (!by_email(one), one.id.parse::<u64>().unwrap_or(u64::MAX)));
        if fitting.len() > 1 {
            let ids: Vec<_> = fitting.iter().map(|one| one.id.as_str()).collect();
            let ids = ids.join(", ");
            let message = format!(
                "Several persons have the address or number of one customer: {ids}. The first is used; \
                 merge them."
            );
            self.client
                .trouble("ambiguous_person", customer.id.as_str(), &message)
                .await?;
        }
        Ok(fitting.into_iter().next())
    }
}
