//! Every state of the real widget on a real page with the real server, one after the other. Each is
//! checked for what must be seen, and for what must not: nothing sticks out of the panel or is cut, the
//! page does not scroll sideways, every button has a name and room for a finger, the console is silent.
//! With `SCREENSHOTS=DIR` each is also a picture, and `gallery.html` shows them side by side.
//!
//! It deliberately compares no pictures with stored ones: letters differ by a pixel between machines with
//! other fonts, and a comparison that forgives that forgives a missing border, too. Boxes are exact
//! everywhere.

mod conversation;
mod frame;
mod languages;
mod people;
mod screens;
mod trouble;

pub(super) use frame::shoot_into;
