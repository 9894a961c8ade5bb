//! Seconds as a token has them: a number that may have a fraction and is written without one if it has
//! none.

use serde::{Serialize, Serializer};

/// The largest whole number below which every one has an exact float.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// A point in time since 1970, or a length of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seconds(pub f64);

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within the exact range")]
        if self.0.fract() == 0.0 && self.0.abs() < EXACT_MAX {
            serializer.serialize_i64(self.0 as i64)
        } else {
            serializer.serialize_f64(self.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_seconds_have_no_point() {
        let written = |secs: f64| serde_json::to_string(&Seconds(secs)).unwrap();
        assert_eq!(written(1_700_000_000.0), "1700000000");
        assert_eq!(written(-5.0), "-5");
        assert_eq!(written(0.5), "0.5");
        assert_eq!(written(1e300).parse(), Ok(1e300));
    }
}
