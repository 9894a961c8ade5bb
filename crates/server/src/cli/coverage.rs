//! `eloquent coverage`: what `require` would refuse, before it is switched on.

use std::{fmt::Write as _, time::Duration};

use clap::Args;
use eloquent_types::{id::AgentId, time::Timestamp};

use super::{
    Failure, admin,
    printed::{json, plain},
    say,
};
use crate::{
    clock::{Clock as _, SystemClock},
    data::Data,
    view::CoverageView,
};

#[derive(Debug, Args)]
pub(super) struct CoverageArgs {
    /// The agent; the only one if there is just one.
    #[arg(long)]
    agent: Option<AgentId>,
    /// Over how many days: 1, 7 or 30.
    #[arg(long, default_value = "7", value_parser = ["1", "7", "30"])]
    days: String,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: CoverageArgs, data: Data) -> Result<(), Failure> {
    let scope = admin::agent_scope(&data.store, args.agent).await?;
    let days: u32 = args.days.parse()?;
    let (now, span) = (SystemClock.now(), Duration::from_hours(24) * days);
    let since = Timestamp::from_millis(now.as_millis() - i64::try_from(span.as_millis())?);
    let coverage = data.store.read(move |reader| reader.coverage(&scope, since, now)).await?;
    let view = CoverageView::new(&coverage, days, since);
    if args.json {
        json(&view);
    } else {
        say(for_people(&view).trim_end());
    }
    Ok(())
}

fn for_people(view: &CoverageView) -> String {
    let mut out = String::new();
    let days = if view.days == 1 { "day".to_owned() } else { format!("{} days", view.days) };
    let requests = view.requests;
    if requests == 0 {
        return format!("No chat request in the last {days}.");
    }
    let share = percent(view.identified, requests);
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "{} of {requests} chat requests of the last {days} came with a valid token ({share}).",
        view.identified
    );
    let _ = writeln!(out, "`require` would have refused the other {}.", view.not_identified);
    let _ = writeln!(out, "\nBy origin:");
    for origin in &view.by_origin {
        let name = origin.origin.as_deref().map_or("(none sent)".to_owned(), plain);
        let share = percent(origin.identified, origin.requests);
        let _ = writeln!(out, "  {name}  {} of {} ({share})", origin.identified, origin.requests);
    }
    let _ = writeln!(out, "\nBy verdict:");
    for code in &view.by_code {
        let name = code.code.map_or("identified", |code| code.as_str());
        let _ = writeln!(out, "  {name}  {} ({})", code.requests, percent(code.requests, requests));
    }
    out
}

/// With one digit after the point, rounded down: 100 % means all.
fn percent(part: u64, whole: u64) -> String {
    let thousandths = u128::from(part) * 1000 / u128::from(whole.max(1));
    format!("{}.{} %", thousandths / 10, thousandths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_is_only_all() {
        assert_eq!(percent(2, 3), "66.6 %");
        assert_eq!(percent(99_999, 100_000), "99.9 %");
        assert_eq!(percent(5, 5), "100.0 %");
        assert_eq!(percent(0, 0), "0.0 %");
    }
}
