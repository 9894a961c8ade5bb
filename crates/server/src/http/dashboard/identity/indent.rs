//! Compact JSON text on lines of its own. It is not parsed into numbers and back, so that every digit
//! stays as it was signed.

/// The same JSON with one member or element a line. Text that is no JSON comes out with line breaks
/// somewhere else, and with every character that it had.
pub(super) fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let mut characters = json.chars().peekable();
    while let Some(character) = characters.next() {
        if quoted {
            out.push(character);
            quoted = escaped || character != '"';
            escaped = !escaped && character == '\\';
            continue;
        }
        match character {
            '{' | '[' => {
                out.push(character);
                if characters.peek().is_none_or(|next| !matches!(next, '}' | ']')) {
                    depth += 1;
                    new_line(&mut out, depth);
                }
            }
            '}' | ']' => {
                if !out.ends_with(['{', '[']) {
                    depth = depth.saturating_sub(1);
                    new_line(&mut out, depth);
                }
                out.push(character);
            }
            ',' => {
                out.push(',');
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => {
                quoted = character == '"';
                out.push(character);
            }
        }
    }
    out
}

/// Two spaces a level; from some depth on no more, so that what is sent nested deep stays small.
fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth.min(12)));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn members_stand_on_lines_of_their_own() {
        let json = r#"{"user_id":"4,\"2{","big":1e400,"list":[1,[],{}],"deep":{"a":null}}"#;
        let expected = "{\n  \"user_id\": \"4,\\\"2{\",\n  \"big\": 1e400,\n  \"list\": [\n    1,\n    [],\n    {}\n  ],\n  \"deep\": {\n    \"a\": null\n  }\n}";
        assert_eq!(indented(json), expected);
        assert_eq!(indented("{}"), "{}");
        assert_eq!(indented(r#"["\\",1]"#), "[\n  \"\\\\\",\n  1\n]");
    }

    #[test]
    fn depth_costs_little() {
        assert!(indented(&"[".repeat(4_000)).len() < 120_000);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_or_changed(text in r#"[\[\]{},:"\\a1]{0,60}"#) {
            let kept: String = indented(&text).chars().filter(|c| !c.is_whitespace()).collect();
            prop_assert_eq!(kept, text);
        }
    }
}
