//! The widget's API over HTTP, by the addresses of its routes.

mod http {
    mod assets;
    mod chat;
    mod config;
    mod identify;
    mod isolation;
    mod stream;
}
