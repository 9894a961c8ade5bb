//! Which algorithm was asked for instead of HS256.

use crate::{Candidate, Suspicion, Token};

/// What .NET's `SecurityAlgorithms.HmacSha256Signature` stands for.
const XML_NAME: &str = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256";

/// What was probably meant.
pub(crate) fn suspect(token: &Token) -> Option<Suspicion> {
    let header = Candidate::header_of(token)?;
    let Some(value) = header.get("alg") else { return Some(Suspicion::NoAlgorithm) };
    let alg = value.as_string()?;
    if alg.eq_ignore_ascii_case("none") {
        Some(Suspicion::Unsigned)
    } else if alg == XML_NAME {
        Some(Suspicion::XmlName)
    } else if matches!(&*alg, "HS384" | "HS512") {
        Some(Suspicion::OtherHash(alg.into_owned()))
    } else if is_key_pair(&alg) {
        Some(Suspicion::KeyPair(alg.into_owned()))
    } else if alg.trim().replace(['-', '_'], "").eq_ignore_ascii_case("hs256") && alg != "HS256" {
        Some(Suspicion::Spelling)
    } else {
        None
    }
}

/// The names that RFC 7518 and its successors registered. A header can name anything, and what it names
/// is shown.
fn is_key_pair(alg: &str) -> bool {
    let known = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "ES256K"];
    known.contains(&alg) || ["EdDSA", "Ed25519", "Ed448"].contains(&alg)
}
