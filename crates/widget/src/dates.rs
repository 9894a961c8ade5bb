//! Dates and times in words, by the browser's `Intl`. A page can have replaced any of it:
//! what fails is left out.

use eloquent_types::time::Timestamp;
use js_sys::{Array, Date, Function, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use crate::{
    convert::{get, set},
    global::property,
};

/// The formats of one language, in the browser's own time zone.
#[derive(Default)]
pub(crate) struct Dates {
    locale: String,
    time: Format,
    weekday: Format,
    date: Format,
    whole: Format,
    /// The day that it is.
    today: i32,
}

/// One of `Intl`'s formats, and its function.
#[derive(Default)]
pub(crate) struct Format {
    object: JsValue,
    function: JsValue,
}

impl Format {
    /// `new Intl.…(locale, { name: value, … })`.
    pub(crate) fn new(constructor: &str, method: &str, locale: &str, options: &[(&str, &str)]) -> Self {
        let choices = Object::new();
        for (name, value) in options {
            set(&choices, name, *value);
        }
        let constructor: Function = get(&property("Intl"), constructor).unchecked_into();
        let object =
            Reflect::construct(&constructor, &Array::of2(&locale.into(), &choices)).unwrap_or_default();
        Self { function: get(&object, method), object }
    }

    /// What it makes of a number; nothing where it fails.
    pub(crate) fn call(&self, value: f64) -> String {
        let function: &Function = self.function.unchecked_ref();
        function.call1(&self.object, &value.into()).ok().and_then(|text| text.as_string()).unwrap_or_default()
    }
}

impl Dates {
    /// Makes everything for this language and this day, and says whether one of them is new.
    pub(crate) fn renew(&mut self, locale: &str) -> bool {
        let today = day(Date::now());
        if self.locale == locale && self.today == today {
            return false;
        }
        let date = |options| Format::new("DateTimeFormat", "format", locale, options);
        *self = Self {
            locale: locale.to_owned(),
            time: date(&[("timeStyle", "short")]),
            weekday: date(&[("weekday", "long")]),
            date: date(&[("dateStyle", "medium")]),
            whole: date(&[("dateStyle", "full"), ("timeStyle", "short")]),
            today,
        };
        true
    }

    /// The time of the day.
    pub(crate) fn time(&self, at: Timestamp) -> String {
        self.time.call(millis(at))
    }

    /// The day and the time of it.
    pub(crate) fn whole(&self, at: Timestamp) -> String {
        self.whole.call(millis(at))
    }

    /// The day: "Today", "Yesterday", the weekday of one in the last week, or the date.
    pub(crate) fn day(&self, at: Timestamp) -> String {
        match self.days_ago(at) {
            ago @ 0..2 => self.relative(ago),
            2..7 => self.weekday.call(millis(at)),
            _ => self.date.call(millis(at)),
        }
    }

    /// How many days ago something was.
    pub(crate) fn days_ago(&self, at: Timestamp) -> i32 {
        self.today - day(millis(at))
    }

    fn relative(&self, days_ago: i32) -> String {
        let format = Format::new("RelativeTimeFormat", "format", &self.locale, &[("numeric", "auto")]);
        let function: &Function = format.function.unchecked_ref();
        let words = function.call2(&format.object, &(-days_ago).into(), &"day".into());
        let words = words.ok().and_then(|words| words.as_string()).unwrap_or_default();
        // It is for the middle of a sentence; here it stands alone.
        let end = words.chars().next().map_or(0, char::len_utf8);
        let first = js_sys::JsString::from(&words[..end]).to_locale_upper_case(Some(&self.locale));
        [String::from(first).as_str(), &words[end..]].concat()
    }
}

#[expect(clippy::cast_precision_loss, reason = "under 2^48, so exact in a 64-bit float")]
fn millis(at: Timestamp) -> f64 {
    at.as_millis() as f64
}

/// The number of a day in the browser's time zone.
#[expect(clippy::cast_possible_truncation, reason = "the year 9999 has day 2,932,896")]
fn day(millis: f64) -> i32 {
    let offset = Date::new(&millis.into()).get_timezone_offset();
    ((millis - offset * 60_000.0) / 86_400_000.0).floor() as i32
}
