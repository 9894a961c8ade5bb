//! The part of each example that documentation and dashboard show: it can be cut out, it is short, and
//! it says what matters.

use std::fs;

use super::languages::example;

/// One language, and where its example is.
pub(super) struct Sample {
    pub(super) language: &'static str,
    file: &'static str,
    /// Says that the token is signed with HS256.
    algorithm: &'static str,
}

pub(super) const SAMPLES: [Sample; 8] = [
    Sample { language: "node", file: "express/server.mjs", algorithm: "algorithm: \"HS256\"" },
    Sample { language: "python", file: "python/server.py", algorithm: "algorithm=\"HS256\"" },
    Sample { language: "ruby", file: "ruby/server.rb", algorithm: "\"HS256\"" },
    Sample { language: "php", file: "php/server.php", algorithm: "\"alg\":\"HS256\"" },
    Sample { language: "go", file: "go/main.go", algorithm: "jwt.SigningMethodHS256" },
    Sample { language: "java", file: "java/Server.java", algorithm: "\\\"alg\\\":\\\"HS256\\\"" },
    Sample { language: "csharp", file: "csharp/Program.cs", algorithm: "SecurityAlgorithms.HmacSha256" },
    Sample { language: "rust", file: "rust/src/main.rs", algorithm: "HS256" },
];

/// Lines that a reader still takes in at one look.
const LINES_MAX: usize = 35;

#[test]
fn every_example_marks_a_short_part_that_says_what_matters() {
    for Sample { file, algorithm, .. } in &SAMPLES {
        let text = fs::read_to_string(example(file)).unwrap();
        let shown = region(&text).unwrap_or_else(|| panic!("{file} marks nothing"));
        for needed in ["user_id", "email", "name", "plan", algorithm] {
            assert!(shown.contains(needed), "the part of {file} lacks {needed}");
        }
        assert!(shown.lines().count() <= LINES_MAX, "the part of {file} is too long");
        assert!(text.contains("ELOQUENT_SECRET"), "{file} takes its secret from the environment");
        assert!(!shown.contains("elq_"), "{file} shows a secret");
        assert_eq!(text.matches("docs:").count(), 2, "{file} has one part");
    }
}

#[test]
fn the_part_is_what_stands_between_the_marks() {
    assert_eq!(region("a\n  // docs:begin\n  b\n\n  c\n  // docs:end\nd\n"), Some("  b\n\n  c\n"));
    assert_eq!(region("# docs:begin\nb\n# docs:end\n"), Some("b\n"));
    assert_eq!(region("# docs:begin\nb\n"), None);
}

/// The whole lines between the two marks, whatever begins a comment there.
fn region(text: &str) -> Option<&str> {
    let (_, after) = text.split_once("docs:begin\n")?;
    let (shown, _) = after.split_once("docs:end")?;
    let end = shown.rfind('\n')?;
    Some(&shown[..=end])
}
