//! A token's claims as they are kept on a profile.
//!
//! The values are JSON text, not a tree: the wire carries them, the store keeps them, the dashboard
//! shows them, and nobody in between needs to look inside. (This also keeps a JSON parser out of the
//! browser's build.)

use std::collections::BTreeMap;

/// The registered claims about the token itself, which never become claims of a profile, and the two
/// that have fields of their own (contract §3).
pub const RESERVED: [&str; 5] = ["iat", "exp", "nbf", "user_id", "email"];

/// Claims by name, in the names' order; each value is compact JSON text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims(BTreeMap<String, String>);

impl Claims {
    /// Keeps all but the [`RESERVED`] ones. The caller answers for the values being JSON.
    pub fn from_json_values(values: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(values.into_iter().filter(|(name, _)| !RESERVED.contains(&name.as_str())).collect())
    }

    /// The claim's value as JSON text.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Name and JSON text of each claim, in the names' order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How many claims there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_out_what_is_no_claim_of_the_profile() {
        let names = ["plan", "iat", "exp", "nbf", "user_id", "email", "aud", "Email"];
        let claims = Claims::from_json_values(names.map(|name| (name.into(), "1".into())));
        assert_eq!(claims.iter().collect::<Vec<_>>(), [("Email", "1"), ("aud", "1"), ("plan", "1")]);
    }
}
