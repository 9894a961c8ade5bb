//! Coverage: nothing that was counted is lost, and no origin makes it grow without bound.

use std::{collections::BTreeMap, time::Duration};

use eloquent_store::{
    AgentScope, COVERAGE_MAX_AGE, Coverage, CoverageRow, Enforcement, ORIGINS_MAX, OTHER_ORIGINS,
    OriginCoverage, StoreError, Writer,
};
use eloquent_types::{identify::IdentityCode, time::Timestamp};
use proptest::prelude::*;
use rusqlite::Connection;

use crate::setup::{Shop, id, new_agent, tenant};

const HOUR: u64 = 3600;
/// The beginning of an hour.
const START: Timestamp = Timestamp::from_secs(1_699_999_200);

fn at(secs: u64) -> Timestamp {
    START + Duration::from_secs(secs)
}

type Verdict = Result<(), IdentityCode>;

async fn count(shop: &Shop, secs: u64, origin: Option<&str>, verdict: Verdict, enforcement: Enforcement) {
    let (agent, origin) = (shop.agent_id(), origin.map(str::to_owned));
    let job = move |w: &Writer<'_>| w.count_chat(agent, at(secs), origin.as_deref(), verdict, enforcement);
    shop.store.write(job).await.unwrap();
}

async fn coverage(shop: &Shop, agent: AgentScope, since: u64, now: u64) -> Coverage {
    shop.store.read(move |reader| reader.coverage(&agent, at(since), at(now))).await.unwrap()
}

#[tokio::test]
async fn requests_are_told_by_origin_code_and_enforcement() {
    let shop = Shop::open().await;
    let (_, other) = shop.store.write(tenant).await.unwrap();
    let (a, b) = (Some("https://a.example"), Some("https://b.example"));
    let (missing, expired) = (Err(IdentityCode::TokenMissing), Err(IdentityCode::TokenExpired));
    for (origin, verdict, enforcement, times) in [
        (a, Ok(()), Enforcement::Report, 5),
        (a, missing, Enforcement::Report, 2),
        (a, missing, Enforcement::Off, 1),
        (b, expired, Enforcement::Report, 1),
        (None, Ok(()), Enforcement::Require, 1),
        (Some(""), missing, Enforcement::Require, 3),
    ] {
        for _ in 0..times {
            count(&shop, 10, origin, verdict, enforcement).await;
        }
    }
    let found = coverage(&shop, shop.agent, 0, 10).await;
    let row = |origin: Option<&str>, code, enforcement, requests| CoverageRow {
        origin: origin.map(str::to_owned),
        code,
        enforcement,
        requests,
    };
    let mut rows = found.rows.clone();
    rows.sort_by_key(|row| (row.requests, row.origin.clone()));
    assert_eq!(
        rows,
        [
            row(None, None, Enforcement::Require, 1),
            row(a, missing.err(), Enforcement::Off, 1),
            row(b, expired.err(), Enforcement::Report, 1),
            row(a, missing.err(), Enforcement::Report, 2),
            row(None, missing.err(), Enforcement::Require, 3),
            row(a, None, Enforcement::Report, 5),
        ]
    );
    assert_eq!((found.total(), found.identified()), (13, 6));
    assert!((found.share().unwrap() - 6.0 / 13.0).abs() < 1e-12);
    let origin = |origin: Option<&str>, requests, identified| OriginCoverage {
        origin: origin.map(str::to_owned),
        requests,
        identified,
    };
    assert_eq!(found.by_origin(), [origin(a, 8, 5), origin(None, 4, 1), origin(b, 1, 0)]);
    assert_eq!(found.by_code(), [(None, 6), (missing.err(), 6), (expired.err(), 1)]);
    let empty = coverage(&shop, other, 0, 10).await;
    assert_eq!((empty.total(), empty.share(), empty.rows), (0, None, Vec::new()), "another agent's");
}

#[tokio::test]
async fn whole_hours_are_counted() {
    let shop = Shop::open().await;
    for secs in [0, HOUR - 1, HOUR, 3 * HOUR, 26 * HOUR] {
        count(&shop, secs, None, Ok(()), Enforcement::Off).await;
    }
    for (since, now, total) in [
        (0, 26 * HOUR, 5),
        (HOUR - 1, 26 * HOUR, 5),
        (HOUR, 26 * HOUR, 3),
        (2 * HOUR, 26 * HOUR, 2),
        (0, HOUR - 1, 2),
        (0, HOUR, 3),
        (4 * HOUR, 25 * HOUR, 0),
        (9 * HOUR, 0, 0),
    ] {
        assert_eq!(coverage(&shop, shop.agent, since, now).await.total(), total, "from {since} to {now}");
    }
}

#[tokio::test]
async fn beyond_fifty_origins_an_hour_the_rest_are_counted_as_one() {
    let shop = Shop::open().await;
    let agent = shop.agent_id();
    let job = move |writer: &Writer<'_>| {
        let count =
            |secs, origin: &str| writer.count_chat(agent, at(secs), Some(origin), Ok(()), Enforcement::Off);
        count(0, "")?;
        for number in 0..ORIGINS_MAX + 7 {
            count(1, &format!("https://{number:04}.example"))?;
        }
        // One that is known goes on by its name; the next hour has room again.
        count(2, "https://0000.example")?;
        count(HOUR, "https://0056.example")
    };
    shop.store.write(job).await.unwrap();
    let found = coverage(&shop, shop.agent, 0, HOUR).await;
    assert_eq!(found.total(), 1 + 57 + 2);
    let requests = |origin: Option<&str>| {
        let of = found.by_origin().into_iter().find(|row| row.origin.as_deref() == origin);
        of.map_or(0, |row| row.requests)
    };
    assert_eq!((requests(None), requests(Some(OTHER_ORIGINS))), (1, 7));
    assert_eq!((requests(Some("https://0000.example")), requests(Some("https://0049.example"))), (2, 1));
    assert_eq!((requests(Some("https://0050.example")), requests(Some("https://0056.example"))), (0, 1));
    assert_eq!(found.by_origin().len(), ORIGINS_MAX + 3);
}

#[tokio::test]
async fn an_origin_is_counted_by_its_first_255_characters() {
    let shop = Shop::open().await;
    let kept = "é".repeat(255);
    for sent in [kept.clone(), format!("{kept}1"), format!("{kept}{kept}")] {
        count(&shop, 0, Some(&sent), Ok(()), Enforcement::Off).await;
    }
    let origins = coverage(&shop, shop.agent, 0, 0).await.by_origin();
    assert_eq!(origins, [OriginCoverage { origin: Some(kept), requests: 3, identified: 3 }]);
}

#[tokio::test]
async fn hours_that_are_too_old_go() {
    let shop = Shop::open().await;
    let month = COVERAGE_MAX_AGE.as_secs();
    for secs in [0, HOUR, HOUR + month] {
        count(&shop, secs, None, Ok(()), Enforcement::Off).await;
    }
    assert_eq!(coverage(&shop, shop.agent, 0, HOUR + month).await.total(), 2);
    let outside = Connection::open(&shop.file).unwrap();
    let hours = "SELECT count(*) FROM identity_coverage";
    assert_eq!(outside.query_row(hours, [], |row| row.get::<_, i64>(0)).unwrap(), 2);
}

/// One request.
#[derive(Clone, Debug)]
struct Request {
    later_by: u64,
    origin: Option<String>,
    code: usize,
    enforcement: usize,
}

fn requests() -> impl Strategy<Value = Vec<Request>> {
    let later_by = prop_oneof![40 => 0..30_u64, 1 => HOUR..30 * HOUR];
    let origin = proptest::option::weighted(0.9, "[a-z(]{0,2}|\\(others\\)");
    let request = (later_by, origin, 0..=IdentityCode::ALL.len(), 0..3_usize)
        .prop_map(|(later_by, origin, code, enforcement)| Request { later_by, origin, code, enforcement });
    proptest::collection::vec(request, 1..400)
}

fn play(writer: &Writer<'_>, agent: &AgentScope, requests: &[Request]) -> Result<(), StoreError> {
    let (mut now, mut hours) = (0, BTreeMap::<u64, Vec<(Option<IdentityCode>, Enforcement)>>::new());
    for request in requests {
        now += request.later_by;
        let code = IdentityCode::ALL.get(request.code).copied();
        let enforcement = Enforcement::ALL[request.enforcement];
        let verdict = code.map_or(Ok(()), Err);
        writer.count_chat(agent.agent_id(), at(now), request.origin.as_deref(), verdict, enforcement)?;
        hours.entry(now / HOUR).or_default().push((code, enforcement));
    }
    for since in [0, now.saturating_sub(24 * HOUR), now.saturating_sub(7 * 24 * HOUR), now] {
        let found = writer.coverage(agent, at(since), at(now))?;
        let oldest = (now / HOUR).saturating_sub(COVERAGE_MAX_AGE.as_secs() / HOUR);
        let counted: Vec<_> =
            hours.range(oldest.max(since / HOUR)..).flat_map(|(_, requests)| requests).collect();
        assert_eq!(found.total(), counted.len() as u64);
        assert_eq!(found.identified(), counted.iter().filter(|(code, _)| code.is_none()).count() as u64);
        assert_eq!(found.by_origin().iter().map(|row| row.requests).sum::<u64>(), found.total());
        for (code, requests) in found.by_code() {
            assert_eq!(requests, counted.iter().filter(|counted| counted.0 == code).count() as u64);
        }
        for enforcement in Enforcement::ALL {
            let rows = found.rows.iter().filter(|row| row.enforcement == enforcement);
            let expected = counted.iter().filter(|counted| counted.1 == enforcement).count();
            assert_eq!(rows.map(|row| row.requests).sum::<u64>(), expected as u64);
        }
    }
    for hour in hours.keys() {
        let origins = writer.coverage(agent, at(hour * HOUR), at(hour * HOUR))?.by_origin();
        assert!(origins.len() <= ORIGINS_MAX + 2, "none sent, and the others");
    }
    Ok(())
}

#[test]
fn the_totals_are_what_was_counted_whatever_comes() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let shop = runtime.block_on(Shop::open());
    let company = shop.company;
    let config = ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(requests in requests())| {
        let play = move |writer: &Writer<'_>| {
            let agent = writer.create_agent(&company, &new_agent(id()))?;
            play(writer, &agent, &requests)
        };
        runtime.block_on(shop.store.write(play)).unwrap();
    });
}
