//! What is odd about claims. Only for payloads whose signature held.

use eloquent_types::text::USER_ID_MAX_CHARS;

use crate::{Advice, Rejection, Suspicion, TimeClaim, payload::Fields, verifier::SURELY_MILLISECONDS};

/// Half an hour, which all time zones are multiples of, but for a few that are of half of it.
const ZONE_STEP: f64 = 1800.0;

/// How far times that were written at the same moment lie apart.
const MOMENT: f64 = 90.0;

/// How long ago a token may have expired so that a clock is the reason.
const JUST_NOW: f64 = 3600.0;

/// Why the times failed.
pub(crate) fn suspect_times(fields: &Fields<'_>, rejection: Rejection, now: f64) -> Option<Suspicion> {
    let time = |claim| fields.seconds(claim).ok().flatten();
    let issued_at = time(TimeClaim::IssuedAt);
    match rejection {
        Rejection::Expired => {
            let (expiry, issued_at) = (time(TimeClaim::Expiry)?, issued_at?);
            let (ago, lifetime, behind) = (now - expiry, expiry - issued_at, now - issued_at);
            if lifetime <= 0.0 {
                Some(Suspicion::EndsBeforeItBegins)
            } else if is_zone(behind) {
                Some(Suspicion::ClockBehind { seconds: behind })
            } else if ago <= JUST_NOW {
                Some(Suspicion::JustExpired { ago, lifetime })
            } else {
                None
            }
        }
        Rejection::NotYetValid => {
            let seconds = time(TimeClaim::NotBefore)? - now;
            // Who wants a token to begin later than it is made says so by an earlier `iat`.
            let meant = issued_at.is_some_and(|issued_at| issued_at <= now);
            if meant { None } else { Some(Suspicion::ClockAhead { seconds }) }
        }
        _ => None,
    }
}

/// Whether clocks that differ by so much are in different time zones.
pub(super) fn is_zone(seconds: f64) -> bool {
    let steps = (seconds / ZONE_STEP).round();
    (1.0..=28.0).contains(&steps) && (seconds - steps * ZONE_STEP).abs() <= MOMENT
}

/// What is odd about times that passed.
pub(crate) fn advise_on_times(fields: &Fields<'_>, now: f64, skew: f64) -> Option<Advice> {
    let time = |claim| fields.seconds(claim).ok().flatten();
    let large = |&claim: &TimeClaim| time(claim).is_some_and(|at| at > SURELY_MILLISECONDS);
    if let Some(claim) = [TimeClaim::Expiry, TimeClaim::IssuedAt].into_iter().find(large) {
        return Some(Advice::InMilliseconds(claim));
    }
    let ahead = time(TimeClaim::IssuedAt).map(|issued_at| issued_at - now).filter(|&seconds| seconds > skew);
    match ahead {
        Some(seconds) => Some(Advice::ClockAhead { seconds }),
        None if time(TimeClaim::Expiry).is_none() => Some(Advice::NeverExpires),
        None => None,
    }
}

/// Why the lifetime failed.
pub(crate) fn suspect_lifetime(
    fields: &Fields<'_>,
    rejection: Rejection,
    now: f64,
    allowed: f64,
) -> Option<Suspicion> {
    let expiry = fields.seconds(TimeClaim::Expiry).ok().flatten()?;
    let issued_at = fields.seconds(TimeClaim::IssuedAt).ok().flatten().unwrap_or(now);
    let lifetime = expiry - issued_at.min(now);
    (rejection == Rejection::LifetimeTooLong).then_some(Suspicion::LongLife { lifetime, allowed })
}

/// Why the `user_id` failed.
pub(crate) fn suspect_user_id(fields: &Fields<'_>, rejection: Rejection) -> Option<Suspicion> {
    match rejection {
        Rejection::UserIdMissing | Rejection::UserIdMisnamed => {
            let nested = || fields.claim_with_user_id().map(Suspicion::Nested);
            nested().or_else(|| fields.misnamed_user_id().map(Suspicion::Misnamed))
        }
        Rejection::UserIdInvalid => {
            let text = fields.user_id_as_signed()?;
            let characters = text.chars().count();
            if text.trim().is_empty() {
                Some(Suspicion::EmptyUserId)
            } else if characters > USER_ID_MAX_CHARS {
                Some(Suspicion::LongUserId(characters))
            } else {
                text.chars().find(|character| character.is_control()).map(Suspicion::ControlInUserId)
            }
        }
        _ => None,
    }
}

/// What is odd about a `user_id` that passed.
pub(crate) fn advise_on_user_id(fields: &Fields<'_>) -> Option<Advice> {
    let text = fields.user_id_as_signed()?;
    (text.trim() != text).then_some(Advice::SpacedUserId)
}
