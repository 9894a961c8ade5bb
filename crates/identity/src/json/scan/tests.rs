use super::*;

fn is_special(byte: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < 0x20
}

#[test]
fn every_byte_is_known_at_every_place() {
    for filler in [b'a', b' ', b'!', b'#', b'[', b']', 0x7f, 0x80, 0xa2, 0xdc, 0xff] {
        for byte in 0..=u8::MAX {
            for place in 0..70 {
                let mut bytes = [filler; 70];
                bytes[place] = byte;
                let expected = if is_special(byte) { place } else { 70 };
                assert_eq!(plain_length(&bytes), expected, "{byte:#x} at {place} among {filler:#x}");
            }
        }
    }
}

#[test]
fn the_first_of_two_special_bytes_counts() {
    let special = [b'"', b'\\', 0, 0x1f, b'\n'];
    for (first, second) in special.into_iter().flat_map(|first| special.map(|second| (first, second))) {
        for place in 0..40 {
            for distance in [1, 2, 7, 8, 9, 16, 24, 31, 32] {
                let mut bytes = [b'a'; 80];
                bytes[place] = first;
                bytes[place + distance] = second;
                assert_eq!(plain_length(&bytes), place, "{first:#x} and {second:#x}, {distance} apart");
            }
        }
    }
}

#[test]
fn a_text_without_special_bytes_is_plain_as_a_whole() {
    for length in 0..100 {
        assert_eq!(plain_length(&vec![b'x'; length]), length);
    }
}

/// The fingerprint of a name that stands between these.
fn print_of(before: &str, name: &str, after: &str) -> u32 {
    let text = format!("{before}{name}{after}");
    fingerprint(text.as_bytes(), Span { start: before.len(), end: before.len() + name.len() })
}

#[test]
fn a_name_has_one_fingerprint_wherever_it_stands() {
    let long: String = ('a'..='z').cycle().take(40).collect();
    for length in 0..long.len() {
        let name = &long[..length];
        let expected = print_of("", name, "");
        for before in ["", "x", "{\"id\":1,\"", "\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}"] {
            for after in ["", "\"", "\":1", "\":\"\u{ff}\u{ff}\u{ff}\u{ff}", "zzzzzzzzzzzzzzzz"] {
                assert_eq!(print_of(before, name, after), expected, "{name} after {before} before {after}");
            }
        }
    }
}

#[test]
fn fingerprints_of_different_names_differ_by_and_large() {
    let mut prints = Vec::new();
    for number in 0..1000 {
        for name in
            [format!("{number}"), format!("order_{number}"), format!("a_longer_name_{number}_of_a_claim")]
        {
            prints.push(print_of("\"", &name, "\":1"));
        }
    }
    prints.sort_unstable();
    prints.dedup();
    assert!(prints.len() > 2990, "{}", prints.len());
}

#[test]
fn a_name_that_stands_twice_is_found_among_few_and_among_many() {
    for count in [1, 2, 3, 15, 16, 17, 62, 63, 64, 65, 66, 200] {
        let members = |twice: Option<usize>| {
            let names = (0..count).chain(twice).map(|number| format!("\"name_{number}\":0"));
            format!("{{{}}}", names.collect::<Vec<_>>().join(","))
        };
        assert!(object(&members(None)).is_ok(), "{count}");
        for twice in 0..count {
            assert!(object(&members(Some(twice))).is_err(), "{twice} of {count}");
        }
    }
}

#[test]
fn equal_fingerprints_are_not_yet_equal_names() {
    let members = [Member { name: Span { start: 0, end: 1 }, value: Span { start: 0, end: 0 } }; 2];
    assert!(has_equal_names("ab", &members));
    let other = Member { name: Span { start: 1, end: 2 }, ..members[0] };
    assert!(!has_equal_names("ab", &[members[0], other]));
    assert!(has_equal(&[1, 2, 1]) && !has_equal(&[1, 2, 3]) && !has_equal(&[]));
    let many: Vec<u32> = (0..200).map(|number| number * 7 % 199).collect();
    assert!(has_equal(&many) && !has_equal(&many[..199]));
}
