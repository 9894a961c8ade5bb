//! Text by others, made fit for an answer's Markdown.

/// The longest value that is shown, in characters.
const SHOWN_MAX_CHARS: usize = 300;

/// The text on one line: white space (and control characters) collapsed, what turns the direction of
/// text dropped, cut after [`SHOWN_MAX_CHARS`] with `…`.
pub(super) fn one_line(text: &str) -> String {
    let visible = |c: &char| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let spaced = text.chars().filter(visible).map(|c| if c.is_control() { ' ' } else { c });
    let line = spaced.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN_MAX_CHARS) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

/// The text as Markdown that comes out as this text, on one line. It must stand behind other words:
/// what means something at the beginning of a line only is not escaped.
pub(super) fn escape(text: &str) -> String {
    let line = one_line(text);
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '~' | '|') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
