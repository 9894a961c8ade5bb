//! The npm package `eloquent-widget`: what it publishes, its types and examples, and the loader helper with
//! the real loader in a DOM. The real widget in a real browser is `browser/package.rs`.

#[test]
fn the_package_builds_and_passes_its_tests() {
    eloquent_tests::package::test();
}
