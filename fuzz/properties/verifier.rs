//! Any token gets one verdict, by whichever way it is judged, and a verified one is strictly a JWT.

use eloquent_identity::{Candidate, Inspection, Policy, Token, Verifier};

use super::{
    strict,
    tokens::{AGENT, NOW, key, mint},
};

/// The bytes are a token, or with a null character in them a header and a payload, which are signed.
pub(crate) fn check(data: &[u8]) {
    let token = match data.iter().position(|&byte| byte == 0) {
        Some(at) => mint(&data[..at], &data[at + 1..]),
        None => Token::new(String::from_utf8_lossy(data)),
    };
    let keys = [key()];
    let verifier = Verifier::new(AGENT, &keys, Policy::default());
    let verdict = verifier.verify(&token, NOW);

    match Candidate::read(&token) {
        Ok(candidate) => {
            let judgement = verifier.judge(candidate, NOW);
            assert_eq!(judgement.outcome, verdict);
            if let (Ok(identity), Some(signed)) = (&verdict, &judgement.signed) {
                assert_eq!(signed.user_id.as_ref(), Some(identity.user_id()));
                assert_eq!(signed.issued_at, identity.issued_at());
            }
            assert!(verdict.is_err() || judgement.signed.is_some());
        }
        Err(rejection) => assert_eq!(verdict.as_ref().err(), Some(&rejection)),
    }
    assert_agrees(&verifier.inspect(&token, NOW, &[]), &verdict);
    if let Ok(identity) = &verdict {
        strict::assert_proved(&token, identity);
    }
}

fn assert_agrees(
    inspection: &Inspection,
    verdict: &Result<eloquent_identity::VerifiedIdentity, eloquent_identity::Rejection>,
) {
    assert_eq!(inspection.verdict().err(), verdict.as_ref().err().copied());
    assert_eq!(inspection.identity.as_ref(), verdict.as_ref().ok());
    assert_eq!(inspection.payload.is_some(), inspection.signed.is_some());
    let shown = serde_json::to_string(inspection).unwrap();
    assert!(shown.starts_with(&format!("{{\"identified\":{}", verdict.is_ok())));
    for part in inspection.header.iter().chain(&inspection.payload) {
        assert!(shown.contains(part.as_str()), "{part}");
    }
}
