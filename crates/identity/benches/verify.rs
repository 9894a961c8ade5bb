//! How long judging a token takes: `cargo bench -p eloquent-identity`.
//!
//! First the times by Criterion, then the ratio of each to the bare HMAC of the same bytes under the
//! same key, taken in turns so that both meet the same machine; last the worst tokens of 8 KB that are
//! known, each of which must be judged within a millisecond.
//!
//! The keys exist before: opening them is the store's cost. The HMAC beside it starts from the secret,
//! as verifying does.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "stops where it is surprised, and prints")]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use criterion::Criterion;
use eloquent_identity::{Key, Policy, Rejection, Secret, Token, VerifiedIdentity, Verifier};
use eloquent_types::{
    id::{AgentId, KeyId},
    time::Timestamp,
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

mod tokens;

const NOW: Timestamp = Timestamp::from_secs(tokens::SECONDS);
const AGENT: AgentId = AgentId::from_u128(1);
const LIMIT: Duration = Duration::from_millis(1);

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .without_plots()
        .configure_from_args();
    for (name, token) in tokens::usual() {
        for count in [1, 5] {
            let keys = keys(count);
            let judge = Verifier::new(AGENT, &keys, Policy::default());
            let told = format!("{name}, {} bytes, {count} keys", token.expose().len());
            criterion.bench_function(&told, |bencher| bencher.iter(|| verify(&judge, &token).unwrap()));
        }
    }
    criterion.bench_function("a key from its secret", |bencher| {
        let shown = tokens::secret(1).expose().to_owned();
        bencher.iter(|| Secret::parse(black_box(shown.as_str())).unwrap());
    });
    criterion.final_summary();
    ratios();
    worst();
}

/// So many active keys, of which the last one signed: without a `kid`, every one is tried.
fn keys(count: u8) -> Vec<Key> {
    let key = |number| Key {
        id: KeyId::from_u128(u128::from(number)),
        secret: tokens::secret(number),
        revoked: false,
    };
    (1..=count).rev().map(key).collect()
}

fn verify(judge: &Verifier<'_>, token: &Token) -> Result<VerifiedIdentity, Rejection> {
    judge.verify(black_box(token), NOW)
}

fn bare_hmac(secret: &Secret, token: &Token) -> [u8; 32] {
    let (signing_input, _) = token.expose().rsplit_once('.').unwrap();
    let mac = Hmac::<Sha256>::new_from_slice(black_box(secret).expose().as_bytes()).unwrap();
    mac.chain_update(black_box(signing_input)).finalize().into_bytes().into()
}

fn ratios() {
    for (name, token) in tokens::usual() {
        for count in [1, 5] {
            let keys = keys(count);
            let judge = Verifier::new(AGENT, &keys, Policy::default());
            let hmac = || keys.iter().map(|key| bare_hmac(&key.secret, &token)[0]).max();
            let [verdict, with_claims, bare] = fastest([
                &mut || drop(black_box(verify(&judge, &token))),
                &mut || {
                    let _ = black_box(verify(&judge, &token).map(|it| it.claims().len()));
                },
                &mut || {
                    black_box(hmac());
                },
            ]);
            println!(
                "{name}, {} bytes, {count} keys: verify {verdict:?}, with its claims {with_claims:?}, bare HMAC \
                 {bare:?}, ratio {:.2}",
                token.expose().len(),
                verdict.as_secs_f64() / bare.as_secs_f64()
            );
        }
    }
}

fn worst() {
    let keys = keys(5);
    let judge = Verifier::new(AGENT, &keys, Policy::default());
    for (name, token) in tokens::worst() {
        let [took] = fastest([&mut || drop(black_box(verify(&judge, &token)))]);
        let verdict = verify(&judge, &token).map_or_else(Rejection::name, |_| "identified");
        println!("{name}, {} bytes: {took:?}, {verdict}", token.expose().len());
        assert!(took < LIMIT, "{name}");
    }
}

/// The fastest of many rounds of each, in turns: what it takes where nothing else disturbs.
fn fastest<const N: usize>(mut runs: [&mut dyn FnMut(); N]) -> [Duration; N] {
    const CALLS: u32 = 200;
    let mut best = [Duration::MAX; N];
    for _ in 0..200 {
        for (run, best) in runs.iter_mut().zip(&mut best) {
            let start = Instant::now();
            (0..CALLS).for_each(|_| run());
            *best = (*best).min(start.elapsed() / CALLS);
        }
    }
    best
}
