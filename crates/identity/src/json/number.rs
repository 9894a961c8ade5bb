//! Which numbers a 64-bit float can hold.
//!
//! Reading a number as a float would tell, too, but takes many microseconds where its digits lie at the
//! edge between two floats, and a token has room for hundreds of such numbers.

use std::cmp::Ordering;

/// The smallest whole number that rounds to infinity: 2^1024 - 2^970, half a step above the largest float.
pub(super) const INFINITE: &str = concat!(
    "17976931348623158079372897140530341507993413271003782693617377898044496829276475094664901797",
    "75872070963302864166928879109465555478519404026306574886715058206819089020007083836762738548",
    "45817711531764475730270069855571366959622842914819860834936475292719074168444365510704342711",
    "559699508093042880177904174497792"
);

/// The power of ten of its first digit.
const INFINITE_MAGNITUDE: isize = INFINITE.len().cast_signed() - 1;

/// Whether a number, written as JSON writes them, is finite as a 64-bit float.
pub(super) fn is_finite(number: &str) -> bool {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let mantissa = mantissa.trim_start_matches('-');
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    let Some(zeros) = digits().position(|digit| digit != b'0') else { return true };
    // A token has no room for so many digits that one beyond a machine word could be made up for by them.
    let beyond = if exponent.starts_with('-') { isize::MIN } else { isize::MAX };
    let exponent = exponent.parse::<isize>().unwrap_or(beyond);
    let magnitude = exponent.saturating_add(whole.len().cast_signed() - 1 - zeros.cast_signed());
    match magnitude.cmp(&INFINITE_MAGNITUDE) {
        Ordering::Less => true,
        Ordering::Greater => false,
        // Digit by digit, where missing ones are zeros: no text of digits is below one that it begins.
        Ordering::Equal => digits().skip(zeros).lt(INFINITE.bytes()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn agrees(number: &str) -> bool {
        is_finite(number) == number.parse::<f64>().unwrap().is_finite()
    }

    #[test]
    fn the_edge_is_where_floats_have_it() {
        let below = format!("{}1", &INFINITE[..INFINITE.len() - 1]);
        for (number, finite) in [
            (INFINITE, false),
            (&*below, true),
            (&*format!("{below}.9999"), true),
            (&*format!("-{INFINITE}.0000"), false),
            (&*format!("{INFINITE}0e-1"), false),
            (&*format!("0.0{below}e310"), true),
            (&*format!("0.0{INFINITE}e310"), false),
            ("1797693134862315807e290", true),
            ("1797693134862315808e290", false),
            ("17976931348623158e292", true),
            ("0e99999999999999999999", true),
            ("0.000e99999999999999999999", true),
            ("1e-99999999999999999999", true),
            ("1e+99999999999999999999", false),
            ("1E+0000000308", true),
            ("1E309", false),
        ] {
            assert_eq!(is_finite(number), finite, "{number}");
            assert!(agrees(number), "{number}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_standard_library(number in r"-?(0|[1-9][0-9]{0,330})(\.[0-9]{1,330})?([eE][+-]?[0-9]{1,3})?") {
            prop_assert!(agrees(&number), "{}", number);
        }

        #[test]
        fn agrees_near_the_edge(taken in 15usize..309, digits in "[0-9]{1,8}", zeros in 0usize..5, point in 0usize..300) {
            let text = format!("{}{digits}", &INFINITE[..taken]);
            let (whole, fraction) = text.split_at(1 + point % (text.len() - 1));
            let exponent = 309 - i64::try_from(whole.len()).unwrap();
            let number = format!("{whole}.{fraction}{}e{exponent}", "0".repeat(zeros));
            prop_assert!(agrees(&number), "{}", number);
        }
    }
}
