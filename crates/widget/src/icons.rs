//! The icons, each one path in a box of 24, drawn with a stroke (`SOLID` ones are filled).

/// A pen on paper: a new conversation.
pub(crate) const NEW: &str = "M12 5H7a2 2 0 0 0-2 2v10a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2v-5M17.6 4.3a1.5 1.5 0 0 1 2.1 2.1L13 13.1l-3 .9.9-3z";
/// A cross: close.
pub(crate) const CLOSE: &str = "M6.5 6.5l11 11M17.5 6.5l-11 11";
/// A chevron: close, and further down.
pub(crate) const DOWN: &str = "M6 9.5l6 6 6-6";
/// A chevron to the side: choose.
pub(crate) const CHOOSE: &str = "M9.5 6l6 6-6 6";
/// An arrow up: send.
pub(crate) const SEND: &str = "M12 19V5.5M6 11.5l6-6 6 6";
/// A square: stop.
pub(crate) const STOP_SOLID: &str =
    "M8.5 7h7A1.5 1.5 0 0 1 17 8.5v7a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 7 15.5v-7A1.5 1.5 0 0 1 8.5 7z";
/// A tick in a shield: verified.
pub(crate) const VERIFIED: &str =
    "M12 3l7 2.7v5.2c0 4.5-2.9 8-7 10.1-4.1-2.1-7-5.6-7-10.1V5.7zM9 11.8l2.2 2.2 4-4.3";
/// A page: a source.
pub(crate) const SOURCE: &str = "M13.5 3.5H7A1.5 1.5 0 0 0 5.5 5v14A1.5 1.5 0 0 0 7 20.5h10a1.5 1.5 0 0 0 1.5-1.5V8.5zM13.5 3.5v5h5M9 13h6M9 16.5h4";
/// Two sheets: copy.
pub(crate) const COPY: &str = "M9 9h9.5v10.5H9zM15 9V4.5H5.5V15H9";
