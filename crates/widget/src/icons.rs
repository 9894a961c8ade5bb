//! The icons, each one path in a box of 24, drawn with a stroke. A chevron to the side and a thumb stand
//! for both directions: the style sheet turns them.

/// All of them, by the numbers below, which are also those of [`crate::template`].
pub(crate) const ICONS: [&str; 18] = [
    "M12 5H7a2 2 0 0 0-2 2v10a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2v-5M17.6 4.3a1.5 1.5 0 0 1 2.1 2.1L13 13.1l-3 .9.9-3z",
    "M6.5 6.5l11 11M17.5 6.5l-11 11",
    "M6 9.5l6 6 6-6",
    "M9.5 6l6 6-6 6",
    "M12 19V5.5M6 11.5l6-6 6 6",
    "M8.5 7h7A1.5 1.5 0 0 1 17 8.5v7a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 7 15.5v-7A1.5 1.5 0 0 1 8.5 7z",
    "M12 3l7 2.7v5.2c0 4.5-2.9 8-7 10.1-4.1-2.1-7-5.6-7-10.1V5.7zM9 11.8l2.2 2.2 4-4.3",
    "M13.5 3.5H7A1.5 1.5 0 0 0 5.5 5v14A1.5 1.5 0 0 0 7 20.5h10a1.5 1.5 0 0 0 1.5-1.5V8.5zM13.5 3.5v5h5M9 13h6M9 16.5h4",
    "M9 9h9.5v10.5H9zM15 9V4.5H5.5V15H9",
    "M5.5 12.5l4.5 4.5 8.5-10",
    "M12 7.5V12l3 2M4.5 12a7.5 7.5 0 1 0 2.3-5.4L4.5 8.8M4.5 4.5v4.3h4.3",
    "M5.5 12h.01M12 12h.01M18.5 12h.01",
    "M7 10.5v9H4.5v-9zM7 10.5L11 4c1.3 0 2.2 1 2 2.4l-.5 3.6H18a1.8 1.8 0 0 1 1.8 2.1l-1 6a1.8 1.8 0 0 1-1.8 1.4H7",
    "M4.5 14v-2a7.5 7.5 0 0 1 15 0v2M4.5 13.5h2.8v5H6A1.5 1.5 0 0 1 4.5 17zM19.5 13.5h-2.8v5H18a1.5 1.5 0 0 0 1.5-1.5z",
    "M6.5 16.5V11a5.5 5.5 0 0 1 11 0v5.5l1.5 1.5H5zM10 20.5h4",
    "M9 9.3a3 3 0 1 1 4.3 2.7c-.9.5-1.3 1-1.3 2M12 17.2h.01M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17z",
    "M8 12.5V6.8a1.3 1.3 0 0 1 2.6 0V11m0-.5V5.3a1.3 1.3 0 0 1 2.6 0V11m0-5.2a1.3 1.3 0 0 1 2.6 0v6.4m0-2.9a1.3 1.3 0 0 1 2.6 0V15c0 3.5-2.2 5.5-5.4 5.5-2.8 0-4.2-1.2-5.5-3.4L4.9 13.4c-.8-1.5 1-2.4 1.9-1.2L8 13.8",
    "M12 3.5c.6 4.8 3.7 7.9 8.5 8.5-4.8.6-7.9 3.7-8.5 8.5-.6-4.8-3.7-7.9-8.5-8.5 4.8-.6 7.9-3.7 8.5-8.5z",
];

/// A chevron down: close.
pub(crate) const DOWN: usize = 2;
/// A chevron to the side: choose.
pub(crate) const CHOOSE: usize = 3;
/// A page: a source.
pub(crate) const SOURCE: usize = 7;
/// Two sheets: copy.
pub(crate) const COPY: usize = 8;
/// A tick: done.
pub(crate) const DONE: usize = 9;
/// A thumb: rate.
pub(crate) const THUMB: usize = 12;
/// The launcher's other pictures, in the order of [`eloquent_types::theme::LauncherIcon`], of which the
/// first is the loader's own.
pub(crate) const LAUNCHER: usize = 14;
