//! `docs/operations/configuration.md`, written from the declarations of the settings.

#[test]
fn the_page_of_settings_is_golden() {
    tests::golden::assert_generated("docs/operations/configuration.md", &infra::config::document());
}
