# Short names for what is typed often. Everything real is in `cargo xtask`.

# The recipes.
default:
    @just --list --unsorted

# Set up, build and run the demo.
demo *ARGS:
    cargo xtask demo {{ARGS}}

# Build the widget into www/dist and print its sizes.
build:
    cargo xtask build

# The sizes of the widget that was built last.
sizes:
    cargo xtask sizes

# Set up and run every test, or the named parts: lint, build, native, docs, wasm, e2e, firefox, webkit.
test *PARTS:
    cargo xtask test {{PARTS}}

# Formatting and clippy, native and wasm32.
lint:
    cargo xtask lint

# Format the code.
fmt:
    cargo fmt --all

# The tests of one crate, quickly: `just t store`.
t CRATE *ARGS:
    cargo test -p eloquent-{{CRATE}} {{ARGS}}

# The API documentation, in a browser.
docs:
    cargo doc --no-deps --open

# Install what the tests need.
setup:
    cargo xtask setup
