//! What a token says, to be read only after a key of the agent vouched for it.

use std::borrow::Cow;

use eloquent_types::{
    claims::{Claims, RESERVED},
    id::KeyId,
    text::UserId,
};

use crate::{
    Candidate, Key, Rejection, Signed, TimeClaim,
    json::{Object, Value},
};

/// Claims that are often meant for `user_id`.
const MISNAMED_USER_ID: [&str; 6] = ["sub", "id", "uid", "userId", "userid", "user"];

/// The payload of a token whose signature held under an active key. [`Payload::open`] alone makes one.
#[derive(Clone, Debug)]
pub(crate) struct Payload {
    key: KeyId,
    object: Object,
}

impl Payload {
    /// Check 7: opens the payload if a key allows it.
    ///
    /// A `kid` that names one of the keys selects it: an active one is then the only one that is tried,
    /// and a revoked one gives [`Rejection::KeyRevoked`] whatever the signature is. With any other `kid`,
    /// or none, every active key is tried.
    pub(crate) fn open(candidate: Candidate<'_>, keys: &[Key]) -> Result<Self, Rejection> {
        let key = signer(&candidate, keys)?.id;
        Ok(Self { key, object: candidate.into_payload() })
    }

    /// The key that signed.
    pub(crate) const fn key(&self) -> KeyId {
        self.key
    }

    /// What the checks need, found in one pass over the members.
    pub(crate) fn fields(&self) -> Fields<'_> {
        let mut fields = Fields::of(&self.object);
        self.object.each(|name, value| match &*name {
            "exp" => fields.expiry = Some(value),
            "nbf" => fields.not_before = Some(value),
            "iat" => fields.issued_at = Some(value),
            "user_id" => fields.user_id = Some(value),
            "email" => fields.email = Some(value),
            _ => {}
        });
        fields
    }

    /// The claims that a profile keeps.
    pub(crate) fn claims(&self) -> Claims {
        let mut claims = Vec::new();
        self.object.each(|name, value| {
            if !RESERVED.contains(&&*name) {
                claims.push((name.into_owned(), value.compact()));
            }
        });
        Claims::from_json_values(claims)
    }

    /// The whole payload as compact JSON.
    pub(crate) fn compact(&self) -> String {
        self.object.compact()
    }
}

/// The key that signed.
fn signer<'k>(candidate: &Candidate<'_>, keys: &'k [Key]) -> Result<&'k Key, Rejection> {
    let named = candidate.kid().and_then(|kid| keys.iter().find(|key| key.id == kid));
    let signer = match named {
        Some(key) if key.revoked => return Err(Rejection::KeyRevoked),
        Some(key) => candidate.verifies_under(&key.secret).then_some(key),
        None => keys.iter().find(|key| !key.revoked && candidate.verifies_under(&key.secret)),
    };
    signer.ok_or(Rejection::SignatureInvalid)
}

/// The members of a payload that the checks are about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields<'p> {
    object: &'p Object,
    expiry: Option<Value<'p>>,
    not_before: Option<Value<'p>>,
    issued_at: Option<Value<'p>>,
    user_id: Option<Value<'p>>,
    email: Option<Value<'p>>,
}

impl<'p> Fields<'p> {
    const fn of(object: &'p Object) -> Self {
        Self { object, expiry: None, not_before: None, issued_at: None, user_id: None, email: None }
    }

    /// A claim that is there must be a finite number: null and text do not count as absent.
    pub(crate) fn seconds(&self, claim: TimeClaim) -> Result<Option<f64>, Rejection> {
        let value = match claim {
            TimeClaim::Expiry => self.expiry,
            TimeClaim::NotBefore => self.not_before,
            TimeClaim::IssuedAt => self.issued_at,
        };
        let Some(value) = value else { return Ok(None) };
        let number = value.as_f64().filter(|number| number.is_finite());
        number.map(Some).ok_or(Rejection::TimeNotNumber(claim))
    }

    /// Passes where every number, at any level, is finite as a 64-bit float.
    pub(crate) const fn require_finite(&self) -> Result<(), Rejection> {
        if self.object.is_finite() { Ok(()) } else { Err(Rejection::NumberNotFinite) }
    }

    /// Check 10.
    pub(crate) fn user_id(&self) -> Result<UserId, Rejection> {
        match self.user_id {
            Some(value) => match value.as_string() {
                Some(text) => UserId::parse(text).map_err(|_| Rejection::UserIdInvalid),
                None if value.is_number() => Err(Rejection::UserIdNumber),
                None => Err(Rejection::UserIdNotString),
            },
            None if self.misnamed_user_id().is_some() => Err(Rejection::UserIdMisnamed),
            None => Err(Rejection::UserIdMissing),
        }
    }

    /// The claim that is there and may be meant for `user_id`.
    pub(crate) fn misnamed_user_id(&self) -> Option<&'static str> {
        let mut found = None;
        self.object.each(|name, _| {
            found = found.or_else(|| MISNAMED_USER_ID.into_iter().find(|&misnamed| name == misnamed));
        });
        found
    }

    /// The `user_id` where it is a string, whether or not it keeps its rules.
    pub(crate) fn user_id_as_signed(&self) -> Option<Cow<'p, str>> {
        self.user_id.and_then(Value::as_string)
    }

    /// The name of a claim that is an object and has a `user_id` in it.
    pub(crate) fn claim_with_user_id(&self) -> Option<String> {
        let mut found = None;
        self.object.each(|name, value| {
            if found.is_none() && value.as_object().is_some_and(|inner| inner.get("user_id").is_some()) {
                found = Some(name.into_owned());
            }
        });
        found
    }

    /// The email, where it is a string.
    pub(crate) fn email(&self) -> Option<String> {
        self.email.and_then(Value::as_string).map(Cow::into_owned)
    }

    /// What may be told whatever the verdict is.
    pub(crate) fn signed(&self, key: KeyId) -> Signed {
        let time = |claim| self.seconds(claim).ok().flatten();
        Signed {
            key,
            issued_at: time(TimeClaim::IssuedAt),
            not_before: time(TimeClaim::NotBefore),
            expires_at: time(TimeClaim::Expiry),
            user_id: self.user_id().ok(),
        }
    }
}
