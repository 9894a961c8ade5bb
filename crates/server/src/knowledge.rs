//! Articles in Markdown, cut into the sections that are searched and quoted.
//!
//! This is deliberately no parser of its own: it only finds headings at the beginning of lines,
//! outside fenced code, and leaves the Markdown between them as it is.

use eloquent_store::Section;

/// The title of an article that has none.
pub const UNTITLED: &str = "Untitled";

/// An article's title (its first `#` heading, or else its first heading of any level) and its
/// sections: one for what stands before the first further heading, and one for each heading with
/// what follows it. A section without text is left out.
#[must_use]
pub fn sections(markdown: &str) -> (String, Vec<Section>) {
    let mut title: Option<String> = None;
    let mut sections = Vec::new();
    let mut section = Section { heading: None, text: String::new() };
    let mut fence: Option<&str> = None;
    for line in markdown.lines() {
        let marker = fence_marker(line);
        match (fence, marker) {
            (None, Some(marker)) => fence = Some(marker),
            (Some(open), Some(marker)) if marker.starts_with(open) => fence = None,
            _ => {}
        }
        match heading(line).filter(|_| fence.is_none()) {
            Some(text) if title.is_none() => title = Some(text.to_owned()),
            Some(text) => {
                let next = Section { heading: Some(text.to_owned()), text: String::new() };
                keep(&mut sections, std::mem::replace(&mut section, next));
            }
            None => {
                section.text.push_str(line);
                section.text.push('\n');
            }
        }
    }
    keep(&mut sections, section);
    (title.unwrap_or_else(|| UNTITLED.to_owned()), sections)
}

fn keep(sections: &mut Vec<Section>, section: Section) {
    let text = section.text.trim();
    if !text.is_empty() {
        sections.push(Section { heading: section.heading, text: text.to_owned() });
    }
}

/// The backticks or tildes that open or close a block of code.
fn fence_marker(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let first = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let end = line.find(|c| c != first).unwrap_or(line.len());
    (end >= 3).then(|| &line[..end])
}

/// The text of an ATX heading (`## Text`, closing `#` dropped).
fn heading(line: &str) -> Option<&str> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    if !(1..=6).contains(&level) || !text.starts_with([' ', '\t']) {
        return None;
    }
    let text = text.trim();
    let text = match text.trim_end_matches('#') {
        cut if cut.is_empty() || cut.ends_with(' ') => cut.trim_end(),
        _ => text,
    };
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests;
