use super::*;

/// The form as a browser sends it where nothing is set, with these fields in place of its own.
fn pairs(changed: &[(&str, &str)]) -> Vec<(String, String)> {
    let fields = [
        ("accent", ""),
        ("background", ""),
        ("text", ""),
        ("radius", "20"),
        ("font", "system"),
        ("scheme", "auto"),
        ("position", "right"),
        ("launcher_icon", "chat"),
        ("launcher_label", ""),
        ("greeting", "Hello!"),
        ("locale", ""),
        ("contact", ""),
    ];
    let own = fields.iter().filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
    own.chain(changed).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn parsed(changed: &[(&str, &str)]) -> Result<Wanted, Vec<Problem>> {
    Typed::read(pairs(changed)).unwrap().parse().unwrap()
}

/// The names of the fields that are wrong.
fn wrong(changed: &[(&str, &str)]) -> Vec<&'static str> {
    parsed(changed).unwrap_err().into_iter().map(|problem| problem.field).collect()
}

#[test]
fn what_the_widget_does_of_itself_is_no_token() {
    let wanted = parsed(&[]).unwrap();
    assert_eq!(wanted.theme, Theme::default());
    assert_eq!((wanted.greeting.as_str(), wanted.starters.len()), ("Hello!", 0));
    assert!(wanted.locale.is_none() && wanted.contact.is_none() && !wanted.feedback && !wanted.handover);
}

#[test]
fn every_field_is_read() {
    let wanted = parsed(&[
        ("accent", " #1F6F4A "),
        ("background", "#fffdf8"),
        ("text", "#2a2118"),
        ("radius", "8"),
        ("font", "serif"),
        ("scheme", "light"),
        ("position", "left"),
        ("launcher_icon", "wave"),
        ("launcher_label", " Questions? "),
        ("greeting", " Hello!\r\nHow can we help? "),
        ("starter", " Where is my order? "),
        ("starter", ""),
        ("starter", "Can I pause?"),
        ("locale", "pt-BR"),
        ("contact", "help@shop.example"),
        ("feedback", "on"),
        ("handover", "on"),
    ])
    .unwrap();
    let theme = serde_json::json!({
        "accent": "#1f6f4a", "background": "#fffdf8", "text": "#2a2118", "radius": 8, "font": "serif",
        "scheme": "light", "position": "left", "launcher_icon": "wave", "launcher_label": "Questions?",
    });
    assert_eq!(serde_json::to_value(&wanted.theme).unwrap(), theme);
    assert_eq!(wanted.greeting, "Hello!\nHow can we help?");
    assert_eq!(wanted.starters, ["Where is my order?", "Can I pause?"]);
    assert_eq!(wanted.locale.as_deref(), Some("pt-BR"));
    assert_eq!(wanted.contact.unwrap().as_str(), "help@shop.example");
    assert!(wanted.feedback && wanted.handover);
}

#[test]
fn each_field_that_is_wrong_is_named_and_all_at_once() {
    let long = |length| "x".repeat(length);
    for (field, value) in [
        ("accent", "red"),
        ("background", "#fff"),
        ("text", "url(x)"),
        ("launcher_label", &long(25)),
        ("greeting", &long(GREETING_MAX_CHARS + 1)),
        ("starter", &long(STARTER_MAX_CHARS + 1)),
        ("greeting", "a\u{1b}b"),
        ("starter", "a\tb"),
        ("locale", "en_US"),
        ("contact", "javascript:alert(1)"),
    ] {
        assert_eq!(wrong(&[(field, value)]), [field], "{value}");
    }
    assert_eq!(wrong(&[("accent", "red"), ("contact", "x")]), ["accent", "contact"]);
    assert_eq!(wrong(&[("starter", "x"); STARTERS_MAX + 1]), ["starter"]);
    assert!(
        parsed(&[("starter", &long(STARTER_MAX_CHARS)), ("greeting", &long(GREETING_MAX_CHARS))]).is_ok()
    );
    assert!(parsed(&[("starter", "x"); STARTERS_MAX]).is_ok());
}

#[test]
fn text_that_cannot_be_read_is_refused_with_both_colours_the_ratio_and_one_that_would_do() {
    let problems = parsed(&[("text", "#999999"), ("background", "#FFFFFF")]).unwrap_err();
    let [Problem { field: "text", text }] = problems.as_slice() else { panic!("{problems:?}") };
    for part in ["#999999 on #ffffff", "2.84:1", "4.5:1"] {
        assert!(text.contains(part), "{text}");
    }
    let proposed = text.split(". ").last().and_then(|rest| rest.split(' ').next()).unwrap();
    assert!(parsed(&[("text", proposed), ("background", "#ffffff")]).is_ok(), "{text}");
    // What is left open is the widget's own: dark letters, and white below them.
    assert_eq!(wrong(&[("background", "#222222")]), ["text"]);
    assert_eq!(wrong(&[("text", "#eeeeee")]), ["text"]);
    assert!(parsed(&[("text", "#eeeeee"), ("background", "#222222")]).is_ok());
}

#[test]
fn a_form_that_no_page_of_ours_has_is_refused() {
    let read = |pairs| Typed::read(pairs).map(drop);
    assert!(matches!(read(pairs(&[("accent", ""), ("accent", "")])), Err(PageError::BadForm)));
    assert!(matches!(read(pairs(&[("other", "")])), Err(PageError::BadForm)));
    let without = pairs(&[]).into_iter().filter(|(name, _)| name != "contact").collect();
    assert!(matches!(read(without), Err(PageError::BadForm)));
    for (field, value) in [
        ("radius", "29"),
        ("radius", ""),
        ("font", "Comic"),
        ("scheme", ""),
        ("position", "top"),
        ("launcher_icon", "x"),
    ] {
        let typed = Typed::read(pairs(&[(field, value)])).unwrap();
        assert!(matches!(typed.parse(), Err(PageError::BadForm)), "{field} {value}");
    }
}
