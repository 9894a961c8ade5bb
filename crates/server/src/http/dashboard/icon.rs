//! The dashboard's icons, drawn in SVG: no font and no request. All are decoration; the words stand
//! beside them.

use maud::{Markup, html};

macro_rules! icons {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {$(
        $(#[$doc])*
        pub(super) fn $name() -> Markup {
            draw($path)
        }
    )*};
}

icons! {
    /// Several agents.
    agents = "M4 13V8.5A2.5 2.5 0 0 1 6.500 6h7A2.500 2.500 0 0 1 16 8.500V13a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2zM10 6V3.500M7.500 10v1M12.500 10v1";
    /// A house.
    overview = "M3.500 9 10 3.500 16.500 9M5 8v7.500a1 1 0 0 0 1 1h8a1 1 0 0 0 1-1V8M8.500 16.500v-4h3v4";
    /// Two bubbles.
    conversations = "M16.500 9.500c0 3-2.900 5.500-6.500 5.500-.9 0-1.800-.2-2.600-.500L3.500 16l1.100-3.100c-.7-1-1.100-2.100-1.100-3.400C3.500 6.500 6.400 4 10 4s6.500 2.500 6.500 5.500zM7.500 9.500h.01M10 9.500h.01M12.500 9.500h.01";
    /// A person.
    person = "M10 10a3.200 3.200 0 1 0 0-6.400 3.200 3.200 0 0 0 0 6.400zM4 16.500c.5-2.700 2.900-4.200 6-4.200s5.500 1.500 6 4.200";
    /// A shield with a tick.
    shield = "M10 2.800 4.200 5v4.600c0 3.600 2.400 6.300 5.800 7.600 3.400-1.300 5.800-4 5.800-7.600V5zM7.400 9.900l1.900 1.900 3.400-3.700";
    /// A key.
    key = "M12.800 10.900a4 4 0 1 0-3.700-3.700L3.500 12.800v3.700h3.200v-2h2v-2h1.600zM13.200 6.800h.01";
    /// Two arrows in a circle.
    rotate = "M16 8.500a6.200 6.200 0 0 0-11.300-1.700L3.500 8.500M3.500 4.500v4h4M4 11.500a6.200 6.200 0 0 0 11.300 1.700l1.200-1.700M16.500 15.500v-4h-4";
    /// Three bars.
    chart = "M3.500 16.500h13M6 13.500v-4M10 13.500v-9M14 13.500v-6";
    /// A cross.
    cross = "m5.500 5.500 9 9M14.500 5.500l-9 9";
    /// A dash.
    dash = "M6 10h8";
    /// A triangle to the right.
    play = "M6.500 4.500v11l9-5.500z";
    /// A tick.
    tick = "m4.500 10.500 3.500 3.500 7.500-8";
    /// Two sheets.
    copy = "M7.500 7.500v-3a1 1 0 0 1 1-1h7a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-3M4.500 7.500h7a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1z";
    /// An exclamation mark in a circle.
    alert = "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6.500v4M10 13.200h.01";
    /// A door with an arrow.
    leave = "M8 16.500H5a1 1 0 0 1-1-1v-11a1 1 0 0 1 1-1h3M12.500 13.500 16 10l-3.500-3.500M16 10H8";
    /// A magnifying glass.
    search = "M9 14.500a5.500 5.500 0 1 0 0-11 5.500 5.500 0 0 0 0 11zM13 13l3.500 3.500";
    /// An angle to the right.
    chevron = "m8 5.500 4.500 4.500L8 14.500";
    /// An angle up.
    up = "m5.500 12.200 4.500-4.500 4.500 4.500";
    /// An angle down.
    down = "m5.500 7.800 4.500 4.500 4.500-4.500";
    /// A drop of colour.
    brush = "M10 3.200c2.800 3.300 4.800 5.700 4.800 8.400a4.800 4.800 0 0 1-9.600 0c0-2.700 2-5.100 4.800-8.400zM10 14.200a2.600 2.600 0 0 0 2.600-2.600";
    /// A thumb up.
    thumb_up = "M6.500 9.200v7M6.500 9.200 9.800 3.500c1 0 1.800.8 1.800 1.800v2.900h3.500a1.500 1.500 0 0 1 1.500 1.800l-1 5a1.500 1.500 0 0 1-1.500 1.200H6.500M3.500 9.200h3v7h-3z";
    /// A thumb down.
    thumb_down = "M13.500 10.800v-7M13.500 10.800 10.200 16.500c-1 0-1.800-.8-1.800-1.800v-2.900H4.900a1.500 1.500 0 0 1-1.500-1.800l1-5a1.500 1.500 0 0 1 1.500-1.200h7.600M16.500 10.800h-3v-7h3z";
    /// A sheet of paper.
    page = "M6 2.800h5.500L15 6.300v9.900a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V3.800a1 1 0 0 1 1-1zM11.500 2.800v3.500H15";
}

fn draw(path: &str) -> Markup {
    html! {
        svg.icon viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor"
            stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false" {
            path d=(path) {}
        }
    }
}

/// The product's mark: a bubble that speaks.
pub(super) fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 28 28" width="28" height="28" aria-hidden="true" focusable="false" {
            rect width="28" height="28" rx="8" fill="currentColor" {}
            path class="ink" fill="none" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"
                d="M8.200 9.200h11.600a1 1 0 0 1 1 1v6.600a1 1 0 0 1-1 1h-5.600l-3.700 3v-3H8.200a1 1 0 0 1-1-1v-6.600a1 1 0 0 1 1-1zM11 13.500h6" {}
        }
    }
}
