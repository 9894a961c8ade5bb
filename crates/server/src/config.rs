//! What can be set, and from where: a flag, else `ELOQUENT_…` in the environment, else `eloquent.toml`,
//! else the default. Parsed from values that are passed in; all faults are reported at once, and a
//! name that nobody knows is a fault.

use std::{collections::BTreeMap, fmt, net::SocketAddr, path::PathBuf, time::Duration};

use eloquent_store::MasterKey;

use crate::{client_address::Network, limits::Limits};

/// The settings of the program.
#[derive(Debug)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The folder that holds the database and, unless it is set, the master key.
    pub data: PathBuf,
    /// Under which address browsers reach the server, if that is not the address listened on.
    pub public_url: Option<String>,
    /// The key that seals secrets at rest, if it does not come from the data folder.
    pub master_key: Option<MasterKey>,
    /// What the log looks like.
    pub log_format: LogFormat,
    /// What is logged: a level, or directives like `info,eloquent_server=debug`.
    pub log_level: String,
    /// Tolerance for the clocks of those who sign tokens.
    pub clock_skew: Duration,
    /// The pause between two pieces of a built-in answer.
    pub pace: Duration,
    /// How often visitors may ask.
    pub limits: Limits,
    /// The proxies that are believed when they name the client's address.
    pub trusted_proxies: Vec<Network>,
}

/// What the log looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// A setting: its name, what it is worth without being set, what it means.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// As in `eloquent.toml`; `--name-with-dashes` and `ELOQUENT_NAME` follow from it.
    pub name: &'static str,
    /// What it means, for the documentation and for faults.
    pub meaning: &'static str,
}

/// All settings.
pub const SETTINGS: [Setting; 10] = [
    Setting { name: "listen", meaning: "an address and port, like 127.0.0.1:8080" },
    Setting { name: "data", meaning: "a folder" },
    Setting {
        name: "public_url",
        meaning: "an http or https address without a path, like https://chat.example.com",
    },
    Setting { name: "master_key", meaning: "64 hexadecimal digits, as in the file master.key" },
    Setting { name: "log_format", meaning: "text or json" },
    Setting { name: "log_level", meaning: "error, warn, info, debug, trace, or directives" },
    Setting { name: "clock_skew", meaning: "whole seconds, at most 600" },
    Setting { name: "pace", meaning: "milliseconds between two pieces of a built-in answer, at most 10000" },
    Setting { name: "rate_limits", meaning: "on or off" },
    Setting {
        name: "trusted_proxies",
        meaning: "addresses or networks like 10.0.0.0/8, with commas between them",
    },
];

/// Names in the environment that the documentation gives to host sites; no settings of this program.
const NAMES_OF_HOST_SITES: [&str; 3] = ["ELOQUENT_SECRET", "ELOQUENT_AGENT_ID", "ELOQUENT_URL"];

/// Something is wrong with the settings: all of what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Faults(Vec<String>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

/// The sources of settings, in the order of precedence.
#[derive(Debug, Default)]
pub struct Sources {
    /// What the command line gave, by the settings' names.
    pub flags: BTreeMap<&'static str, String>,
    /// The environment, or what stands for it.
    pub environment: BTreeMap<String, String>,
    /// The text of `eloquent.toml`, if there is one.
    pub file: Option<String>,
}

impl Settings {
    /// Reads everything.
    pub fn resolve(sources: Sources) -> Result<Self, Faults> {
        let mut reader = Reader::new(sources);
        let settings = Self {
            listen: reader.get("listen", SocketAddr::from(([127, 0, 0, 1], 8080)), |text| text.parse().ok()),
            data: reader.get("data", PathBuf::from("eloquent-data"), |text| {
                (!text.is_empty()).then(|| PathBuf::from(text))
            }),
            public_url: reader.get("public_url", None, |text| parse_public_url(text).map(Some)),
            master_key: reader.get("master_key", None, |text| MasterKey::parse(text).ok().map(Some)),
            log_format: reader.get("log_format", LogFormat::Text, |text| match text {
                "text" => Some(LogFormat::Text),
                "json" => Some(LogFormat::Json),
                _ => None,
            }),
            log_level: reader.get("log_level", "info".to_owned(), |text| {
                text.parse::<tracing_subscriber::EnvFilter>().ok().map(|_| text.to_owned())
            }),
            clock_skew: reader.get("clock_skew", Duration::from_secs(10), |text| {
                text.parse().ok().filter(|secs| *secs <= 600).map(Duration::from_secs)
            }),
            pace: reader.get("pace", Duration::from_millis(12), |text| {
                text.parse().ok().filter(|millis| *millis <= 10_000).map(Duration::from_millis)
            }),
            limits: reader.get("rate_limits", Limits::default(), |text| match text {
                "on" => Some(Limits::default()),
                "off" => Some(Limits::none()),
                _ => None,
            }),
            trusted_proxies: reader.get("trusted_proxies", Vec::new(), parse_networks),
        };
        if reader.faults.is_empty() { Ok(settings) } else { Err(Faults(reader.faults)) }
    }

    /// The address for browsers: the one that is set, or the one listened on.
    #[must_use]
    pub fn public_url(&self, listening: SocketAddr) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{listening}"))
    }
}

/// Whether the text of a settings file sets the master key, so that nobody but its owner may read it.
#[must_use]
pub fn holds_master_key(file: &str) -> bool {
    file.parse::<toml::Table>().is_ok_and(|table| table.contains_key("master_key"))
}

/// An origin and nothing more: what browsers send as `Origin` must compare equal to it.
fn parse_public_url(text: &str) -> Option<String> {
    let text = text.strip_suffix('/').unwrap_or(text);
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let plain =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | ':' | '[' | ']');
    (!host.is_empty() && host.chars().all(plain)).then(|| text.to_owned())
}

/// A list, which may be empty.
fn parse_networks(text: &str) -> Option<Vec<Network>> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect()
}

struct Reader {
    flags: BTreeMap<&'static str, String>,
    environment: BTreeMap<String, String>,
    file: toml::Table,
    faults: Vec<String>,
}

impl Reader {
    fn new(sources: Sources) -> Self {
        let mut faults = Vec::new();
        let file =
            sources.file.as_deref().unwrap_or_default().parse().unwrap_or_else(|error: toml::de::Error| {
                faults.push(format!("eloquent.toml: {}", error.message()));
                toml::Table::new()
            });
        for name in file.keys().filter(|name| !is_setting(name)) {
            faults.push(format!("eloquent.toml: there is no setting {name}"));
        }
        let known = |name: &str| {
            NAMES_OF_HOST_SITES.contains(&name)
                || name
                    .strip_prefix("ELOQUENT_")
                    .is_none_or(|rest| rest == "CONFIG" || is_setting(&rest.to_ascii_lowercase()))
        };
        for name in sources.environment.keys().filter(|name| !known(name)) {
            faults.push(format!("there is no setting {name}"));
        }
        Self { flags: sources.flags, environment: sources.environment, file, faults }
    }

    fn get<T>(&mut self, name: &'static str, default: T, parse: impl Fn(&str) -> Option<T>) -> T {
        let Some((source, text)) = self.find(name) else { return default };
        parse(&text).unwrap_or_else(|| {
            let meaning =
                SETTINGS.iter().find(|setting| setting.name == name).map_or("", |setting| setting.meaning);
            // The value itself may be a secret, and is left out.
            self.faults.push(format!("{source} must be {meaning}"));
            default
        })
    }

    fn find(&self, name: &'static str) -> Option<(String, String)> {
        if let Some(text) = self.flags.get(name) {
            return Some((format!("--{}", name.replace('_', "-")), text.clone()));
        }
        let variable = format!("ELOQUENT_{}", name.to_ascii_uppercase());
        if let Some(text) = self.environment.get(&variable) {
            return Some((variable, text.clone()));
        }
        let text = match self.file.get(name)? {
            toml::Value::String(text) => text.clone(),
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Array(list) if list.iter().all(toml::Value::is_str) => {
                list.iter().filter_map(toml::Value::as_str).collect::<Vec<_>>().join(",")
            }
            // No setting is of another type: parsing a text that is none of any kind reports it.
            _ => "\0".to_owned(),
        };
        Some((format!("{name} in eloquent.toml"), text))
    }
}

fn is_setting(name: &str) -> bool {
    SETTINGS.iter().any(|setting| setting.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn flag_before_environment_before_file_before_default() {
        let file = Some("listen = \"127.0.0.1:3\"\nclock_skew = 7\npace = 3\n".to_owned());
        let env = environment(&[
            ("ELOQUENT_LISTEN", "127.0.0.1:2"),
            ("ELOQUENT_CLOCK_SKEW", "5"),
            ("PATH", "/bin"),
        ]);
        let flags = BTreeMap::from([("listen", "127.0.0.1:1".to_owned())]);
        let settings = Settings::resolve(Sources { flags, environment: env, file }).unwrap();
        assert_eq!(settings.listen.port(), 1);
        assert_eq!(settings.clock_skew, Duration::from_secs(5));
        assert_eq!(settings.pace, Duration::from_millis(3));
        assert_eq!(settings.data, PathBuf::from("eloquent-data"));
    }

    #[test]
    fn all_faults_at_once_and_no_value_in_them() {
        let env = environment(&[
            ("ELOQUENT_LISTEN", "nowhere"),
            ("ELOQUENT_MASTER_KEY", "hunter2"),
            ("ELOQUENT_LISTNE", "x"),
            ("ELOQUENT_SECRET", "of the host site"),
        ]);
        let file = Some("pace = \"fast\"\ncolour = 1\n".to_owned());
        let faults = Settings::resolve(Sources { environment: env, file, ..Sources::default() }).unwrap_err();
        let text = faults.to_string();
        for part in [
            "ELOQUENT_LISTEN must be",
            "ELOQUENT_MASTER_KEY must be",
            "no setting ELOQUENT_LISTNE",
            "pace in eloquent.toml must be",
            "no setting colour",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("hunter2") && !text.contains("ELOQUENT_SECRET"), "{text}");
        assert!(Settings::resolve(Sources { file: Some("listen =".into()), ..Sources::default() }).is_err());
    }

    #[test]
    fn proxies_are_a_list_and_limits_a_switch() {
        let settings = |file: &str| {
            Settings::resolve(Sources { file: Some(file.to_owned()), ..Sources::default() })
                .map(|settings| (settings.trusted_proxies.len(), settings.limits))
        };
        let on = Limits::default();
        assert_eq!(settings(""), Ok((0, on)));
        assert_eq!(
            settings("trusted_proxies = \"10.0.0.0/8, ::1\"\nrate_limits = \"off\""),
            Ok((2, Limits::none()))
        );
        assert_eq!(
            settings("trusted_proxies = [\"10.0.0.0/8\", \"::1\"]\nrate_limits = \"on\""),
            Ok((2, on))
        );
        assert_eq!(settings("trusted_proxies = []"), Ok((0, on)));
        for bad in [
            "trusted_proxies = \"x\"",
            "trusted_proxies = [1]",
            "trusted_proxies = true",
            "rate_limits = true",
        ] {
            assert!(settings(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_public_url_is_an_origin() {
        assert_eq!(
            parse_public_url("https://chat.example.com/").as_deref(),
            Some("https://chat.example.com")
        );
        assert_eq!(parse_public_url("http://[::1]:8080").as_deref(), Some("http://[::1]:8080"));
        for bad in
            ["", "chat.example.com", "https://", "https://a/b", "https://A.example", "ftp://a", "https://a b"]
        {
            assert_eq!(parse_public_url(bad), None, "{bad}");
        }
    }
}
