//! `vectors/signing.json`: the customers that every example has to sign a token for, and what the
//! library of each language makes of them.

use std::{fs, path::Path};

use eloquent_store::Profile;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The whole file.
#[derive(Deserialize)]
pub(super) struct SigningFile {
    /// When the vectors are judged, in seconds since 1970.
    pub(super) now: i64,
    /// The secret that they are signed with.
    pub(super) secret: String,
    pub(super) customers: Vec<Titled>,
    pub(super) vectors: Vec<Vector>,
}

/// A customer, and what is special about them.
#[derive(Deserialize)]
pub(super) struct Titled {
    pub(super) title: String,
    pub(super) customer: Customer,
}

/// A customer as the sites know them.
#[derive(Deserialize, Serialize)]
pub(super) struct Customer {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) plan: String,
}

/// What one language's library signs for one customer.
#[derive(Deserialize)]
pub(super) struct Vector {
    pub(super) language: String,
    /// The customer's title.
    pub(super) customer: String,
    pub(super) signing_input: String,
    pub(super) signature: String,
}

impl SigningFile {
    pub(super) fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/signing.json");
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    }

    pub(super) fn customer(&self, title: &str) -> &Customer {
        &self.customers.iter().find(|titled| titled.title == title).unwrap().customer
    }
}

impl Customer {
    /// The profile holds exactly what the site signed, and nothing else.
    #[track_caller]
    pub(super) fn assert_is(&self, profile: &Profile, told: &str) {
        assert_eq!(profile.user_id.as_str(), self.id, "{told}");
        assert_eq!(profile.email.as_deref(), Some(self.email.as_str()), "{told}");
        let claims: Vec<(&str, Value)> =
            profile.claims.iter().map(|(name, json)| (name, serde_json::from_str(json).unwrap())).collect();
        let expected = [("name", self.name.as_str().into()), ("plan", self.plan.as_str().into())];
        assert_eq!(claims, expected, "{told}");
    }
}
