use super::*;

fn from_file(text: &str) -> Result<Config, ConfigError> {
    Config::from_sources(Some((Path::new("kilter.toml"), text)), [])
}

fn from_variable(name: &str, value: &str) -> Result<Config, ConfigError> {
    Config::from_sources(None, [(name.into(), value.into())])
}

#[test]
fn every_default_fits() {
    for setting in &SETTINGS {
        assert_eq!((setting.set)(&mut Config::default(), setting.default), Ok(()), "{}", setting.key);
    }
    assert_eq!(Config::default().listen.to_string(), "127.0.0.1:8080");
}

#[test]
fn the_environment_wins_over_the_file() {
    let config = Config::from_sources(
        Some((
            Path::new("kilter.toml"),
            "max_sockets = 7\nlog_format = \"json\"\nallowed_origins = [\"https://a.example\"]",
        )),
        [("KILTER_MAX_SOCKETS".into(), "8".into()), ("HOME".into(), "/root".into())],
    )
    .unwrap();
    assert_eq!(config.max_sockets, 8);
    assert_eq!(config.log_format, LogFormat::Json);
    assert_eq!(config.allowed_origins, ["https://a.example"]);
}

#[test]
fn an_unknown_setting_is_named_with_its_source() {
    let told = |result: Result<Config, ConfigError>| result.unwrap_err().to_string();
    assert_eq!(told(from_file("lisen = \"127.0.0.1:1\"")), "kilter.toml: there is no setting lisen");
    assert_eq!(
        told(from_variable("KILTER_LISEN", "x")),
        "environment variable KILTER_LISEN: there is no setting lisen"
    );
}

#[test]
fn a_value_that_does_not_fit_is_told_with_key_and_source() {
    let told = |result: Result<Config, ConfigError>| result.unwrap_err().to_string();
    assert_eq!(
        told(from_file("max_sockets = \"7\"")),
        "kilter.toml: setting max_sockets: a whole number is needed, not string"
    );
    assert_eq!(
        told(from_file("max_sockets = 0")),
        "kilter.toml: setting max_sockets: a number from 1 to 1000000 is needed"
    );
    assert_eq!(
        told(from_variable("KILTER_LISTEN", "8080")),
        "environment variable KILTER_LISTEN: setting listen: an address and a port are needed"
    );
    assert!(told(from_variable("KILTER_ALLOWED_ORIGINS", "https://a.example,*")).contains("\"*\" is no origin"));
    assert!(told(from_file("listen = ")).starts_with("kilter.toml is not TOML"));
    assert!(told(from_variable("KILTER_LOG_FILTER", "kilter=loud")).contains("log_filter"));
    assert!(
        Config::load(Some(Path::new("/nowhere/kilter.toml"))).unwrap_err().to_string().contains("/nowhere/kilter.toml")
    );
}

#[test]
fn no_setting_makes_hashes_of_passwords_cheaper_than_twelve() {
    for cost in ["4", "11", "17", "-12", "12.0", ""] {
        let told = from_variable("KILTER_BCRYPT_COST", cost).unwrap_err().to_string();
        assert!(told.ends_with("setting bcrypt_cost: a number from 12 to 16 is needed"), "{told}");
    }
    assert_eq!(from_file("bcrypt_cost = 13").unwrap().bcrypt_cost.get(), 13);
    assert_eq!(Config::default().bcrypt_cost.get(), 12);
}

#[test]
fn variables_of_commands_and_tests_are_no_settings() {
    for name in ["KILTER_TOKEN", "KILTER_CONFIG", "KILTER_TEST_EVENTSTORE_URL"] {
        assert_eq!(from_variable(name, "anything").unwrap(), Config::default());
    }
}
